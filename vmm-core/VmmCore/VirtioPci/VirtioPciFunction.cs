using SplitVmm.VmmCore.Bus;
using SplitVmm.VmmCore.Pci;
using SplitVmm.VmmCore.Pci.Msix;
using static SplitVmm.VmmCore.VirtioPci.VirtioPciCapabilities;
using static SplitVmm.VmmCore.VirtioPci.VirtioPciLayout;

namespace SplitVmm.VmmCore.VirtioPci;

/// <summary>
/// A virtio device as a PCI function: the modern transport of virtio 1.3 section 4.1, without the legacy
/// interface. The virtio structures lie in BAR 0, the MSI-X table in BAR 1 (<see cref="VirtioPciLayout"/>).
/// </summary>
public sealed class VirtioPciFunction : PciFunction, IDisposable
{
    /// <summary>The most queues that a device can have here.</summary>
    public const int MaximumQueues = VirtioPciLayout.MaximumQueues;

    private readonly VirtioTransport _transport;
    private readonly CommonConfig _common;
    private readonly MsixCapability _msix;
    private readonly PciConfigAccess _configAccess;

    /// <param name="device">The device; owned from here on.</param>
    /// <param name="routes">Where its interrupts go.</param>
    /// <param name="doorbells">Where its kicks come from.</param>
    /// <param name="sharedMemory">Its shared memory region, or null.</param>
    public VirtioPciFunction(
        IVirtioDevice device, IInterruptRoutes routes, IDoorbells doorbells, SharedMemoryRegion? sharedMemory = null)
        : base(VirtioPciIdentity.Of(device.Type))
    {
        _transport = new VirtioTransport(device, routes, doorbells);
        _common = new CommonConfig(_transport);
        _msix = new MsixCapability(Registers, Capabilities, _transport.Msix, MsixBar);

        AddBar(StructuresBar, BarKind.Memory32, StructuresSize, Structures(), _transport);
        AddBar(VirtioPciLayout.MsixBar, BarKind.Memory32, MsixCapability.BarSize, Vectors());
        if (sharedMemory is not null)
        {
            AddBar(
                SharedMemoryBar, BarKind.Memory64Prefetchable, sharedMemory.Length, sharedMemory.Region, sharedMemory.Observer);
            AddSharedMemory(Capabilities, SharedMemoryBar, sharedMemory.Id, sharedMemory.Length);
        }

        _configAccess = new PciConfigAccess(Registers, Bars, AddConfigAccess(Capabilities));
    }

    internal override void ReadConfig(int offset, Span<byte> data)
    {
        _configAccess.BeforeRead(offset, data.Length);
        base.ReadConfig(offset, data);
    }

    internal override void WriteConfig(int offset, ReadOnlySpan<byte> data)
    {
        base.WriteConfig(offset, data);
        _msix.AfterWrite(offset, data.Length);
        _configAccess.AfterWrite(offset, data.Length);
    }

    internal override void Reset()
    {
        lock (_transport.Gate)
        {
            _transport.Reset();
            _common.Reset();
        }

        _transport.Msix.Reset();
        base.Reset();
    }

    public void Dispose() => _transport.Dispose();

    private AddressBus Structures()
    {
        uint notifySize = (uint)Math.Max(1, _transport.Queues.Length) * NotifyMultiplier;
        var bus = new AddressBus();
        Add(bus, VIRTIO_PCI_CAP_COMMON_CFG, CommonOffset, CommonConfig.Size, _common);
        Add(bus, VIRTIO_PCI_CAP_NOTIFY_CFG, NotifyOffset, notifySize, new NotifyRegion(_transport), NotifyMultiplier);
        Add(bus, VIRTIO_PCI_CAP_ISR_CFG, IsrOffset, IsrSize, new IsrRegion(_transport));
        if (_transport.Device.ConfigLength > 0)
        {
            uint length = (uint)_transport.Device.ConfigLength;
            Add(bus, VIRTIO_PCI_CAP_DEVICE_CFG, DeviceOffset, length, new DeviceConfigRegion(_transport));
        }

        return bus;
    }

    private void Add(AddressBus bus, byte type, uint offset, uint length, IMmioRegion region, uint? extra = null)
    {
        _ = bus.TryAdd(offset, length, region);
        VirtioPciCapabilities.Add(Capabilities, type, StructuresBar, offset, length, extra);
    }

    private AddressBus Vectors()
    {
        var pending = new PendingBits(_transport.Msix);
        var bus = new AddressBus();
        _ = bus.TryAdd(0, (ulong)_transport.Msix.Size, _transport.Msix);
        _ = bus.TryAdd(MsixCapability.PendingBitsOffset, (ulong)pending.Size, pending);
        return bus;
    }
}
