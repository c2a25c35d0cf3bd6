using SplitVmm.Virtio.Constants;
using SplitVmm.VmmCore.VirtioPci;

namespace SplitVmm.VmmCore.Tests.VirtioPci;

/// <summary>A device of two queues and some bytes of configuration that remembers what the transport did with it.</summary>
internal sealed class FakeVirtioDevice : IVirtioDevice, IActiveDevice
{
    public const ulong DeviceFeature = 1UL << 5;

    public byte[] Config { get; } = [0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xAA, 0xBB, 0xCC];

    public VirtioDeviceId Type { get; init; } = VirtioDeviceId.Gpu;

    public ulong Features { get; init; } = DeviceFeature | VirtioFeatures.VIRTIO_F_VERSION_1
        | VirtioFeatures.VIRTIO_F_EVENT_IDX | VirtioFeatures.VIRTIO_F_RING_PACKED | VirtioFeatures.VIRTIO_F_ACCESS_PLATFORM;

    public IReadOnlyList<ushort> QueueSizes { get; init; } = [256, 64];

    public int ConfigLength => Config.Length;

    public bool RefuseActivation { get; set; }

    public IVirtioTransport? Transport { get; private set; }

    /// <summary>Null while no driver runs the device.</summary>
    public IReadOnlyList<ActiveQueue>? Active { get; private set; }

    public ulong AcceptedFeatures { get; private set; }

    public int Deactivations { get; private set; }

    public bool IsDisposed { get; private set; }

    public void ReadConfig(int offset, Span<byte> data) => Config.AsSpan(offset, data.Length).CopyTo(data);

    public void WriteConfig(int offset, ReadOnlySpan<byte> data) => data.CopyTo(Config.AsSpan(offset));

    public void Connect(IVirtioTransport transport) => Transport = transport;

    public IActiveDevice? Activate(ulong features, IReadOnlyList<ActiveQueue> queues)
    {
        if (RefuseActivation)
        {
            return null;
        }

        if (Active is not null)
        {
            throw new InvalidOperationException("activated twice");
        }

        AcceptedFeatures = features;
        Active = queues;
        return this;
    }

    public void Deactivate()
    {
        Active = null;
        Deactivations++;
    }

    public void Dispose() => IsDisposed = true;
}
