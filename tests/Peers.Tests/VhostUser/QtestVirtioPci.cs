using SplitVmm.Virtio.Constants;
using SplitVmm.Virtio.Queues;
using Xunit;

namespace SplitVmm.Peers.Tests.VhostUser;

/// <summary>A modern virtio-pci device (virtio 1.3 section 4.1) on bus 0 of a machine that is driven over qtest.</summary>
internal sealed class QtestVirtioPci
{
    private const ushort CONFIG_ADDRESS = 0xCF8;
    private const ushort CONFIG_DATA = 0xCFC;
    private const uint VIRTIO_PCI_CAP_COMMON_CFG = 1;
    private const uint VIRTIO_PCI_CAP_NOTIFY_CFG = 2;
    private const uint VIRTIO_PCI_CAP_DEVICE_CFG = 4;
    private const uint VendorSpecific = 9;
    private const uint BarAddress = 0xE000_0000;

    private readonly QtestClient _qtest;
    private readonly uint _slot;
    private readonly ulong _common;
    private readonly ulong _notify;
    private readonly ulong _device;
    private readonly uint _notifyMultiplier;

    public QtestVirtioPci(QtestClient qtest, uint slot)
    {
        _qtest = qtest;
        _slot = slot;
        Assert.Equal(0x1AF4u, ReadConfig(0) & 0xFFFF);
        for (uint at = ReadConfig(0x34) & 0xFC; at != 0; at = (ReadConfig(at) >> 8) & 0xFC)
        {
            uint head = ReadConfig(at);
            ulong start = BarAddress + ReadConfig(at + 8);
            switch ((head & 0xFF) == VendorSpecific ? head >> 24 : 0)
            {
                case VIRTIO_PCI_CAP_COMMON_CFG:
                    _common = start;
                    Place(bar: ReadConfig(at + 4) & 0xFF);
                    break;
                case VIRTIO_PCI_CAP_NOTIFY_CFG:
                    _notify = start;
                    _notifyMultiplier = ReadConfig(at + 16);
                    break;
                case VIRTIO_PCI_CAP_DEVICE_CFG:
                    _device = start;
                    break;
                default:
                    break;
            }
        }

        Assert.True(_common != 0 && _notify != 0 && _device != 0, "not a modern virtio device");
    }

    public VirtioStatus Status
    {
        get => (VirtioStatus)_qtest.Read(_common + 20, 'b');
        set => _qtest.Write(_common + 20, 'b', (byte)value);
    }

    /// <summary>Reset and negotiation, up to FEATURES_OK.</summary>
    public ulong Negotiate(ulong wanted)
    {
        Status = VirtioStatus.None;
        Status = VirtioStatus.ACKNOWLEDGE;
        Status |= VirtioStatus.DRIVER;
        _qtest.Write(_common, 'l', 0);
        ulong offered = _qtest.Read(_common + 4, 'l');
        _qtest.Write(_common, 'l', 1);
        offered |= _qtest.Read(_common + 4, 'l') << 32;
        ulong features = offered & wanted;
        _qtest.Write(_common + 8, 'l', 0);
        _qtest.Write(_common + 12, 'l', (uint)features);
        _qtest.Write(_common + 8, 'l', 1);
        _qtest.Write(_common + 12, 'l', features >> 32);
        Status |= VirtioStatus.FEATURES_OK;
        Assert.True(Status.HasFlag(VirtioStatus.FEATURES_OK));
        return features;
    }

    public void EnableQueue(int index, SplitQueueLayout layout)
    {
        _qtest.Write(_common + 22, 'w', (ushort)index);
        _qtest.Write(_common + 24, 'w', (ushort)layout.Size);
        WriteLong(32, layout.DescriptorTable);
        WriteLong(40, layout.AvailableRing);
        WriteLong(48, layout.UsedRing);
        _qtest.Write(_common + 28, 'w', 1);
    }

    public void SetDriverOk() => Status |= VirtioStatus.DRIVER_OK;

    public void Notify(int index) => _qtest.Write(_notify + ((ulong)index * _notifyMultiplier), 'w', (ushort)index);

    /// <summary>Eight bytes of the device's configuration space.</summary>
    public ulong ReadDeviceConfig(ulong offset) =>
        _qtest.Read(_device + offset, 'l') | (_qtest.Read(_device + offset + 4, 'l') << 32);

    /// <summary>Puts the memory BAR, of 64 bits, to its address and switches memory and bus mastering on.</summary>
    private void Place(uint bar)
    {
        WriteConfig(0x10 + (4 * bar), BarAddress);
        WriteConfig(0x10 + (4 * bar) + 4, 0);
        WriteConfig(0x04, ReadConfig(0x04) | 6);
    }

    private void WriteLong(ulong offset, ulong value)
    {
        _qtest.Write(_common + offset, 'l', (uint)value);
        _qtest.Write(_common + offset + 4, 'l', value >> 32);
    }

    private uint ReadConfig(uint offset)
    {
        _qtest.WritePort(CONFIG_ADDRESS, 0x8000_0000 | (_slot << 11) | (offset & 0xFC));
        return _qtest.ReadPort(CONFIG_DATA);
    }

    private void WriteConfig(uint offset, uint value)
    {
        _qtest.WritePort(CONFIG_ADDRESS, 0x8000_0000 | (_slot << 11) | (offset & 0xFC));
        _qtest.WritePort(CONFIG_DATA, value);
    }
}
