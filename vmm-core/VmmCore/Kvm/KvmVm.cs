using SplitVmm.Platform.Descriptors;
using SplitVmm.VmmCore.Interop;
using SplitVmm.VmmCore.Kvm.Layouts;
using SplitVmm.VmmCore.Memory;

namespace SplitVmm.VmmCore.Kvm;

/// <summary>One virtual machine of KVM, with its interrupt controllers in the kernel.</summary>
public sealed unsafe class KvmVm : IDisposable
{
    private static readonly uint[] s_irqchips =
    [
        KvmIrqchip.KVM_IRQCHIP_PIC_MASTER,
        KvmIrqchip.KVM_IRQCHIP_PIC_SLAVE,
        KvmIrqchip.KVM_IRQCHIP_IOAPIC,
    ];

    private readonly Descriptor _vm;
    private readonly KvmIrqchip[] _powerOnIrqchips = new KvmIrqchip[s_irqchips.Length];
    private uint _nextSlot;

    internal KvmVm(KvmSystem system, Descriptor vm)
    {
        System = system;
        _vm = vm;
        ulong identityMap = AddressMap.IdentityMapStart;
        Call(KvmIoctl.KVM_SET_IDENTITY_MAP_ADDR, &identityMap, "ioctl(KVM_SET_IDENTITY_MAP_ADDR)");
        KvmSystem.Checked(Libc.ioctl(vm, KvmIoctl.KVM_SET_TSS_ADDR, unchecked((nint)AddressMap.TssStart)), "ioctl(KVM_SET_TSS_ADDR)");
        KvmSystem.Checked(Libc.ioctl(vm, KvmIoctl.KVM_CREATE_IRQCHIP, 0), "ioctl(KVM_CREATE_IRQCHIP)");
        for (int i = 0; i < s_irqchips.Length; i++)
        {
            var chip = new KvmIrqchip { ChipId = s_irqchips[i] };
            Call(KvmIoctl.KVM_GET_IRQCHIP, &chip, "ioctl(KVM_GET_IRQCHIP)");
            _powerOnIrqchips[i] = chip;
        }
    }

    internal KvmSystem System { get; }

    internal Descriptor Descriptor => _vm;

    /// <summary>
    /// Lets the guest see <paramref name="size"/> bytes at <paramref name="host"/> as physical memory for the life of
    /// the machine. The caller keeps that range mapped for as long.
    /// </summary>
    public void AddMemory(ulong guestAddress, ulong size, byte* host) => PlaceMemory(AllocateSlot(), guestAddress, size, host);

    /// <summary>A memory slot for what may come, go and move. While the machine is built.</summary>
    public uint AllocateSlot() => _nextSlot++;

    /// <summary>As <see cref="AddMemory"/>, in a slot that is empty. From any thread.</summary>
    public void PlaceMemory(uint slot, ulong guestAddress, ulong size, byte* host)
    {
        var region = new KvmUserspaceMemoryRegion
        {
            Slot = slot,
            GuestPhysicalAddress = guestAddress,
            MemorySize = size,
            UserspaceAddress = (ulong)host,
        };
        Call(KvmIoctl.KVM_SET_USER_MEMORY_REGION, &region, "ioctl(KVM_SET_USER_MEMORY_REGION)");
    }

    /// <summary>Empties a slot: accesses there leave KVM from now on. From any thread.</summary>
    public void RemoveMemory(uint slot) => PlaceMemory(slot, 0, 0, null);

    /// <summary>Makes a vCPU; 0 is the one that boots, the others wait for it to start them.</summary>
    public KvmVcpu CreateVcpu(int id)
    {
        int fd = Libc.ioctl(_vm, KvmIoctl.KVM_CREATE_VCPU, id);
        return new KvmVcpu(System, id, new Descriptor(KvmSystem.Checked(fd, "ioctl(KVM_CREATE_VCPU)")));
    }

    /// <summary>Drives an input pin of the IOAPIC (and of the PICs, for the first 16).</summary>
    public void SetIrqLine(int gsi, bool high)
    {
        var level = new KvmIrqLevel { Irq = (uint)gsi, Level = high ? 1u : 0u };
        Call(KvmIoctl.KVM_IRQ_LINE, &level, "ioctl(KVM_IRQ_LINE)");
    }

    /// <summary>Takes the IOAPIC and the PICs back to power-on. Local APICs belong to the vCPUs.</summary>
    public void ResetIrqchips()
    {
        foreach (KvmIrqchip saved in _powerOnIrqchips)
        {
            KvmIrqchip chip = saved;
            Call(KvmIoctl.KVM_SET_IRQCHIP, &chip, "ioctl(KVM_SET_IRQCHIP)");
        }
    }

    /// <summary>Switches on a capability of the machine that takes one argument (KVM_ENABLE_CAP).</summary>
    internal void Enable(KvmCapability capability, ulong argument)
    {
        var request = new KvmEnableCap { Cap = (uint)capability, Argument = argument };
        Call(KvmIoctl.KVM_ENABLE_CAP, &request, $"ioctl(KVM_ENABLE_CAP, {capability})");
    }

    public void Dispose() => _vm.Dispose();

    internal void Call(uint request, void* argument, string name) =>
        KvmSystem.Checked(Libc.ioctl(_vm, request, argument), name);
}
