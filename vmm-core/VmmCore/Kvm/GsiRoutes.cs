using SplitVmm.Platform.Descriptors;
using SplitVmm.VmmCore.Bus;
using SplitVmm.VmmCore.Kvm.Layouts;

namespace SplitVmm.VmmCore.Kvm;

/// <summary>
/// The table of KVM_SET_GSI_ROUTING: GSI 0 to 23 are the pins of the IOAPIC (the first 16 also those of the PICs),
/// the numbers above are handed out for message-signalled interrupts. The kernel takes the table only as a whole.
/// </summary>
public sealed unsafe class GsiRoutes : IInterruptRoutes
{
    public const int IoapicPins = 24;

    private const int PicPins = 8;

    // KVM_MAX_IRQ_ROUTES of Linux, should KVM_CAP_IRQ_ROUTING promise more.
    private const int MaximumRoutes = 4096;

    private readonly KvmVm _vm;
    private readonly Lock _changing = new();
    private readonly KvmIrqRoutingEntry[] _pins = PinRoutes();
    private readonly SortedDictionary<int, KvmIrqRoutingEntry> _messages = [];
    private readonly int _end;
    private int _next = IoapicPins;

    public GsiRoutes(KvmVm vm)
    {
        _vm = vm;
        _end = Math.Min(vm.System.Check(KvmCapability.KVM_CAP_IRQ_ROUTING), MaximumRoutes) - PicPins - PicPins;
        lock (_changing)
        {
            Commit();
        }
    }

    public int AllocateGsi()
    {
        lock (_changing)
        {
            return _next < _end
                ? _next++
                : throw new InvalidOperationException($"all {_end} interrupt routes of KVM are in use: give the guest fewer devices");
        }
    }

    public void SetMsi(int gsi, ulong address, uint data)
    {
        var route = new KvmIrqRoutingEntry
        {
            Gsi = (uint)gsi,
            Type = KvmIrqRoutingEntry.KVM_IRQ_ROUTING_MSI,
            AddressLow = (uint)address,
            AddressHigh = (uint)(address >> 32),
            Data = data,
        };
        lock (_changing)
        {
            _messages[gsi] = route;
            Commit();
        }
    }

    public void ClearMsi(int gsi)
    {
        lock (_changing)
        {
            if (_messages.Remove(gsi))
            {
                Commit();
            }
        }
    }

    public void AttachIrqfd(int gsi, EventFd line) => Irqfd(gsi, line, 0);

    public void DetachIrqfd(int gsi, EventFd line) => Irqfd(gsi, line, KvmIrqfd.KVM_IRQFD_FLAG_DEASSIGN);

    private static KvmIrqRoutingEntry[] PinRoutes()
    {
        var routes = new List<KvmIrqRoutingEntry>();
        for (uint gsi = 0; gsi < IoapicPins; gsi++)
        {
            routes.Add(PinRoute(gsi, KvmIrqchip.KVM_IRQCHIP_IOAPIC, gsi));
            if (gsi < 2 * PicPins)
            {
                uint pic = gsi < PicPins ? KvmIrqchip.KVM_IRQCHIP_PIC_MASTER : KvmIrqchip.KVM_IRQCHIP_PIC_SLAVE;
                routes.Add(PinRoute(gsi, pic, gsi % PicPins));
            }
        }

        return [.. routes];
    }

    private static KvmIrqRoutingEntry PinRoute(uint gsi, uint irqchip, uint pin) => new()
    {
        Gsi = gsi,
        Type = KvmIrqRoutingEntry.KVM_IRQ_ROUTING_IRQCHIP,
        Irqchip = irqchip,
        Pin = pin,
    };

    private void Commit()
    {
        int count = _pins.Length + _messages.Count;
        var buffer = new byte[8 + (count * sizeof(KvmIrqRoutingEntry))];
        fixed (byte* start = buffer)
        {
            // The two words of struct kvm_irq_routing, then exactly as many entries as there is room for.
            *(ulong*)start = (uint)count;
            var entries = new Span<KvmIrqRoutingEntry>(start + 8, count);
            _pins.CopyTo(entries);
            int at = _pins.Length;
            foreach (KvmIrqRoutingEntry message in _messages.Values)
            {
                entries[at++] = message;
            }

            _vm.Call(KvmIoctl.KVM_SET_GSI_ROUTING, start, "ioctl(KVM_SET_GSI_ROUTING)");
        }
    }

    private void Irqfd(int gsi, EventFd line, uint flags)
    {
        var request = new KvmIrqfd { Fd = (uint)line.Number, Gsi = (uint)gsi, Flags = flags };
        _vm.Call(KvmIoctl.KVM_IRQFD, &request, "ioctl(KVM_IRQFD)");
        GC.KeepAlive(line);
    }
}
