using System.Buffers.Binary;
using SplitVmm.Virtio.Constants;
using SplitVmm.Virtio.Queues;
using SplitVmm.VmmCore.Bus;
using SplitVmm.VmmCore.Pci.Msix;

namespace SplitVmm.VmmCore.VirtioPci;

/// <summary>
/// The common configuration structure (virtio 1.3 section 4.1.4.3). A driver should access each field as a whole;
/// here any access works: it reads, or changes, those bytes of each field that it covers.
/// </summary>
internal sealed class CommonConfig(VirtioTransport transport) : IMmioRegion
{
    /// <summary>Bytes of the structure.</summary>
    public const uint Size = 0x40;

    private static readonly CommonField[] Fields = Enum.GetValues<CommonField>();

    private uint _deviceFeatureSelect;
    private uint _driverFeatureSelect;
    private ushort _queueSelect;

    private VirtioQueue? Selected => _queueSelect < transport.Queues.Length ? transport.Queues[_queueSelect] : null;

    public void Read(ulong offset, Span<byte> data)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        data.Clear();
        lock (transport.Gate)
        {
            foreach (CommonField field in Fields)
            {
                if (Overlap(field, offset, data.Length, out int inField, out int inData, out int count))
                {
                    BinaryPrimitives.WriteUInt32LittleEndian(bytes, Get(field));
                    bytes.Slice(inField, count).CopyTo(data[inData..]);
                }
            }
        }
    }

    public void Write(ulong offset, ReadOnlySpan<byte> data)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        lock (transport.Gate)
        {
            foreach (CommonField field in Fields)
            {
                if (Overlap(field, offset, data.Length, out int inField, out int inData, out int count))
                {
                    BinaryPrimitives.WriteUInt32LittleEndian(bytes, Get(field));
                    data.Slice(inData, count).CopyTo(bytes[inField..]);
                    Set(field, BinaryPrimitives.ReadUInt32LittleEndian(bytes));
                }
            }
        }
    }

    /// <summary>What the driver had selected is forgotten with a reset. Called with the gate held.</summary>
    public void Reset()
    {
        _deviceFeatureSelect = 0;
        _driverFeatureSelect = 0;
        _queueSelect = 0;
    }

    private static int Width(CommonField field) => field switch
    {
        CommonField.DeviceFeatureSelect or CommonField.DeviceFeature => 4,
        CommonField.DriverFeatureSelect or CommonField.DriverFeature => 4,
        CommonField.DeviceStatus or CommonField.ConfigGeneration => 1,
        >= CommonField.QueueDescLow and <= CommonField.QueueDeviceHigh => 4,
        _ => 2,
    };

    private static bool Overlap(CommonField field, ulong offset, int length, out int inField, out int inData, out int count)
    {
        // Offsets are below the size of the region.
        int start = (int)offset;
        int first = Math.Max((int)field, start);
        int end = Math.Min((int)field + Width(field), start + length);
        inField = first - (int)field;
        inData = first - start;
        count = end - first;
        return count > 0;
    }

    private static uint Half(ulong value, uint select) => select switch
    {
        0 => (uint)value,
        1 => (uint)(value >> 32),
        _ => 0,
    };

    private static ulong WithLow(ulong value, uint low) => (value & 0xFFFF_FFFF_0000_0000) | low;

    private static ulong WithHigh(ulong value, uint high) => (value & 0xFFFF_FFFF) | ((ulong)high << 32);

    private uint Get(CommonField field) => field switch
    {
        CommonField.DeviceFeatureSelect => _deviceFeatureSelect,
        CommonField.DeviceFeature => Half(transport.OfferedFeatures, _deviceFeatureSelect),
        CommonField.DriverFeatureSelect => _driverFeatureSelect,
        CommonField.DriverFeature => Half(transport.DriverFeatures, _driverFeatureSelect),
        CommonField.ConfigMsixVector => transport.ConfigVector,
        CommonField.NumQueues => (uint)transport.Queues.Length,
        CommonField.DeviceStatus => (uint)transport.Status,
        CommonField.ConfigGeneration => transport.ConfigGeneration,
        CommonField.QueueSelect => _queueSelect,
        CommonField.QueueMsixVector => Selected?.Call.Vector ?? InterruptLine.NoVector,
        _ => Selected is { } queue ? Get(queue, field) : 0,
    };

    private static uint Get(VirtioQueue queue, CommonField field) => field switch
    {
        CommonField.QueueSize => (uint)queue.Layout.Size,
        CommonField.QueueEnable => queue.Enabled ? 1u : 0,
        CommonField.QueueNotifyOff => (uint)queue.Index,
        CommonField.QueueDescLow => Half(queue.Layout.DescriptorTable, 0),
        CommonField.QueueDescHigh => Half(queue.Layout.DescriptorTable, 1),
        CommonField.QueueDriverLow => Half(queue.Layout.AvailableRing, 0),
        CommonField.QueueDriverHigh => Half(queue.Layout.AvailableRing, 1),
        CommonField.QueueDeviceLow => Half(queue.Layout.UsedRing, 0),
        CommonField.QueueDeviceHigh => Half(queue.Layout.UsedRing, 1),
        // The features that these belong to are not offered: notification data, queue reset, admin queues.
        _ => 0,
    };

    private void Set(CommonField field, uint value)
    {
        switch (field)
        {
            case CommonField.DeviceFeatureSelect:
                _deviceFeatureSelect = value;
                break;
            case CommonField.DriverFeatureSelect:
                _driverFeatureSelect = value;
                break;
            case CommonField.DriverFeature when _driverFeatureSelect == 0:
                transport.SetDriverFeatures(WithLow(transport.DriverFeatures, value));
                break;
            case CommonField.DriverFeature when _driverFeatureSelect == 1:
                transport.SetDriverFeatures(WithHigh(transport.DriverFeatures, value));
                break;
            case CommonField.ConfigMsixVector:
                transport.SetConfigVector((ushort)value);
                break;
            case CommonField.DeviceStatus:
                transport.WriteStatus((VirtioStatus)value);
                if (value == 0)
                {
                    Reset();
                }

                break;
            case CommonField.QueueSelect:
                _queueSelect = (ushort)value;
                break;
            case CommonField.QueueMsixVector when Selected is { } queue:
                transport.SetQueueVector(queue, (ushort)value);
                break;
            case CommonField.QueueEnable when value == 1 && Selected is { } queue:
                transport.EnableQueue(queue);
                break;
            default:
                if (Selected is { } selected)
                {
                    Set(selected, field, value);
                }

                break;
        }
    }

    private static void Set(VirtioQueue queue, CommonField field, uint value)
    {
        SplitQueueLayout layout = queue.Layout;
        switch (field)
        {
            case CommonField.QueueSize:
                queue.SetSize((ushort)value);
                break;
            case CommonField.QueueDescLow:
                queue.Layout = layout with { DescriptorTable = WithLow(layout.DescriptorTable, value) };
                break;
            case CommonField.QueueDescHigh:
                queue.Layout = layout with { DescriptorTable = WithHigh(layout.DescriptorTable, value) };
                break;
            case CommonField.QueueDriverLow:
                queue.Layout = layout with { AvailableRing = WithLow(layout.AvailableRing, value) };
                break;
            case CommonField.QueueDriverHigh:
                queue.Layout = layout with { AvailableRing = WithHigh(layout.AvailableRing, value) };
                break;
            case CommonField.QueueDeviceLow:
                queue.Layout = layout with { UsedRing = WithLow(layout.UsedRing, value) };
                break;
            case CommonField.QueueDeviceHigh:
                queue.Layout = layout with { UsedRing = WithHigh(layout.UsedRing, value) };
                break;
            default:
                break;
        }
    }
}
