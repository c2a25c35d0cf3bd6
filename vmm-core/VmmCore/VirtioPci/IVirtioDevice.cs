using SplitVmm.Virtio.Constants;

namespace SplitVmm.VmmCore.VirtioPci;

/// <summary>
/// What the transport needs of a virtio device (virtio 1.3 section 2), whether it is implemented here or in
/// another process. An object of this type is a device as such; while a driver runs it, there is an
/// <see cref="IActiveDevice"/> too. The transport calls with its lock held, from vCPU threads: no call may wait
/// for the event loop, and each must come back within a bounded time whatever a peer does.
/// </summary>
public interface IVirtioDevice : IDisposable
{
    VirtioDeviceId Type { get; }

    /// <summary>Feature bits offered. The transport adds and takes away what is its own matter.</summary>
    ulong Features { get; }

    /// <summary>The largest size of each queue, a power of two; the number of elements is the number of queues.</summary>
    IReadOnlyList<ushort> QueueSizes { get; }

    /// <summary>Bytes of device-specific configuration; 0 if the device has none.</summary>
    int ConfigLength { get; }

    /// <summary>Fills <paramref name="data"/>; the transport has checked that it lies in the configuration.</summary>
    void ReadConfig(int offset, Span<byte> data);

    /// <summary>A driver's write, which lies in the configuration.</summary>
    void WriteConfig(int offset, ReadOnlySpan<byte> data);

    /// <summary>Called once, before anything else: to whom the device tells what happens to it.</summary>
    void Connect(IVirtioTransport transport);

    /// <summary>
    /// The driver has set DRIVER_OK. Null if the device cannot start (bad queue addresses, a peer that is gone);
    /// the driver then sees DEVICE_NEEDS_RESET.
    /// </summary>
    /// <param name="features">What the driver accepted: a subset of those offered, with VIRTIO_F_VERSION_1.</param>
    /// <param name="queues">The queues that the driver enabled, by index.</param>
    IActiveDevice? Activate(ulong features, IReadOnlyList<ActiveQueue> queues);
}
