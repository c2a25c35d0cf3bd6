using SplitVmm.Virtio.Constants;
using SplitVmm.Virtio.Queues;
using SplitVmm.VmmCore.Tests.Pci;

namespace SplitVmm.VmmCore.Tests.VirtioPci;

/// <summary>
/// The driver's side of virtio-pci: finds the structures by the capability list and drives the common
/// configuration with the widths of virtio 1.3 section 4.1.3.1.
/// </summary>
internal sealed class VirtioDriver
{
    private readonly PciBench _bench;
    private readonly Dictionary<int, int> _capabilities = [];

    public VirtioDriver(PciBench bench, int device, bool enableMemory = true)
    {
        _bench = bench;
        Device = device;
        bench.EnableMemory(device, enableMemory);
        foreach (int at in bench.Capabilities(device))
        {
            if (bench.ReadConfig(device, at, 1) == 0x09)
            {
                _capabilities.TryAdd((int)bench.ReadConfig(device, at + 3, 1), at);
            }
            else
            {
                MsixCapability = at;
            }
        }
    }

    public int Device { get; }

    public int MsixCapability { get; }

    public uint NotifyMultiplier => _bench.ReadConfig(Device, Capability(2) + 16);

    public VirtioStatus Status
    {
        get => (VirtioStatus)Get(0x14, 1);
        set => Set(0x14, (uint)value, 1);
    }

    /// <summary>Offset of the virtio capability of a type in configuration space; 0 if there is none.</summary>
    public int Capability(int type) => _capabilities.GetValueOrDefault(type);

    /// <summary>Address of the structure of a type.</summary>
    public ulong Structure(int type)
    {
        int at = Capability(type);
        int bar = (int)_bench.ReadConfig(Device, at + 4, 1);
        return (_bench.BarRegister(Device, bar) & ~0xFu) + _bench.ReadConfig(Device, at + 8);
    }

    public uint Get(int offset, int width) => _bench.Read(Structure(1) + (ulong)offset, width);

    public void Set(int offset, uint value, int width) => _bench.Write(Structure(1) + (ulong)offset, value, width);

    public ulong ReadDeviceFeatures()
    {
        Set(0x00, 0, 4);
        ulong low = Get(0x04, 4);
        Set(0x00, 1, 4);
        return low | ((ulong)Get(0x04, 4) << 32);
    }

    public void WriteDriverFeatures(ulong features)
    {
        Set(0x08, 0, 4);
        Set(0x0C, (uint)features, 4);
        Set(0x08, 1, 4);
        Set(0x0C, (uint)(features >> 32), 4);
    }

    /// <summary>Up to FEATURES_OK; returns whether the device has accepted.</summary>
    public bool Negotiate(ulong features)
    {
        Status = VirtioStatus.None;
        Status = VirtioStatus.ACKNOWLEDGE;
        Status |= VirtioStatus.DRIVER;
        WriteDriverFeatures(features);
        Status |= VirtioStatus.FEATURES_OK;
        return (Status & VirtioStatus.FEATURES_OK) != 0;
    }

    public void SetQueue(int index, SplitQueueLayout layout, ushort vector = 0xFFFF)
    {
        Set(0x16, (uint)index, 2);
        Set(0x18, (uint)layout.Size, 2);
        Set(0x1A, vector, 2);
        Set(0x20, (uint)layout.DescriptorTable, 4);
        Set(0x24, (uint)(layout.DescriptorTable >> 32), 4);
        Set(0x28, (uint)layout.AvailableRing, 4);
        Set(0x2C, (uint)(layout.AvailableRing >> 32), 4);
        Set(0x30, (uint)layout.UsedRing, 4);
        Set(0x34, (uint)(layout.UsedRing >> 32), 4);
        Set(0x1C, 1, 2);
    }

    public void SetDriverOk() => Status |= VirtioStatus.DRIVER_OK;

    /// <summary>Negotiates, sets up the queues at some addresses, and starts.</summary>
    public void Start(ulong features = VirtioFeatures.VIRTIO_F_VERSION_1, int queues = 2)
    {
        Negotiate(features);
        for (int i = 0; i < queues; i++)
        {
            SetQueue(i, new SplitQueueLayout(16, 0x1000, 0x2000, 0x3000));
        }

        SetDriverOk();
    }

    /// <summary>A write to a queue's doorbell as the hardware would see it.</summary>
    public void Kick(int index)
    {
        Set(0x16, (uint)index, 2);
        ulong doorbell = Structure(2) + (Get(0x1E, 2) * NotifyMultiplier);
        if (!_bench.Doorbells.Ring(doorbell))
        {
            _bench.Write(doorbell, (uint)index, 2);
        }
    }

    /// <summary>Switches MSI-X on and fills one vector.</summary>
    public void SetVector(int vector, ulong address, uint data, bool masked = false)
    {
        ulong entry = MsixTable() + ((ulong)vector * 16);
        _bench.Write(entry, (uint)address);
        _bench.Write(entry + 4, (uint)(address >> 32));
        _bench.Write(entry + 8, data);
        _bench.Write(entry + 12, masked ? 1u : 0);
    }

    public void MaskVector(int vector, bool masked) => _bench.Write(MsixTable() + ((ulong)vector * 16) + 12, masked ? 1u : 0);

    public void EnableMsix(bool enabled, bool masked = false) =>
        _bench.WriteConfig(Device, MsixCapability + 2, (enabled ? 0x8000u : 0) | (masked ? 0x4000u : 0), 2);

    public ulong PendingBits()
    {
        uint place = _bench.ReadConfig(Device, MsixCapability + 8);
        ulong at = (_bench.BarRegister(Device, (int)(place & 7)) & ~0xFu) + (place & ~7u);
        return _bench.Read(at) | ((ulong)_bench.Read(at + 4) << 32);
    }

    private ulong MsixTable()
    {
        uint place = _bench.ReadConfig(Device, MsixCapability + 4);
        return (_bench.BarRegister(Device, (int)(place & 7)) & ~0xFu) + (place & ~7u);
    }
}
