using SplitVmm.VhostUser.Messages;
using SplitVmm.Virtio.Memory;

namespace SplitVmm.VhostUser.BackEnd;

/// <summary>
/// A virtio device served over vhost-user. Every method is called on the event loop's thread, one at a time, and
/// must not throw for anything that a guest or a front end can cause.
/// </summary>
public interface IVhostUserDevice
{
    /// <summary>
    /// Feature bits offered: device-specific ones and <c>VirtioFeatures</c>. VERSION_1 must be among them; bit 30
    /// (protocol features) is added by the back end.
    /// </summary>
    ulong Features { get; }

    /// <summary>
    /// Protocol features that the device itself brings. The back end adds MQ, REPLY_ACK, BACKEND_REQ, CONFIG,
    /// RESET_DEVICE, CONFIGURE_MEM_SLOTS, STATUS and INFLIGHT_SHMFD, which it serves alone.
    /// </summary>
    VhostUserProtocolFeatures ProtocolFeatures { get; }

    /// <summary>
    /// Size in bytes of the shared memory region of an id (virtio 1.3 section 2.10); 0: there is none. Fixed. A device
    /// that has one also sets SHMEM in <see cref="ProtocolFeatures"/>.
    /// </summary>
    ulong SharedMemorySize(byte id) => 0;

    /// <summary>Number of virtqueues, 1 to 256.</summary>
    int QueueCount { get; }

    /// <summary>Largest queue size accepted, a power of two up to 32768.</summary>
    int MaxQueueSize { get; }

    /// <summary>Bytes of configuration space; reads beyond it are refused.</summary>
    int ConfigSize { get; }

    /// <summary>Fills <paramref name="destination"/> from the configuration space; the range lies inside <see cref="ConfigSize"/>.</summary>
    void ReadConfig(int offset, Span<byte> destination);

    /// <summary>Takes a guest's write to the configuration space; the range lies inside <see cref="ConfigSize"/>.</summary>
    /// <returns>False if a field in the range is read-only.</returns>
    bool TryWriteConfig(int offset, ReadOnlySpan<byte> source);

    /// <summary>The driver has acknowledged these features, a subset of the offered ones. Queues start afterwards.</summary>
    void FeaturesAcknowledged(ulong features);

    /// <summary>
    /// Guest memory is now <paramref name="memory"/>. Host addresses taken from an earlier set are unmapped when
    /// this returns, except those of outstanding chains and of sets on which the device holds a reference.
    /// </summary>
    void MemoryChanged(GuestMemory memory);

    /// <summary>A queue is ready for use. Kicks follow; the first may have come already, so pop now or on the next kick.</summary>
    void QueueStarted(VhostUserQueue queue);

    /// <summary>
    /// The driver offers something on a started queue: pop until nothing is left. A device that stops before, so that a
    /// busy driver does not keep others waiting, goes on by itself: the next offer's kick is armed only when nothing was left.
    /// </summary>
    void QueueKicked(VhostUserQueue queue);

    /// <summary>
    /// The queue must not be used any more. Chains that the device still holds can be completed later: pushing
    /// them then only recycles them.
    /// </summary>
    void QueueStopped(VhostUserQueue queue);

    /// <summary>
    /// Back to the state after start: the guest reset the device. All queues are stopped before.
    /// </summary>
    void Reset();

    /// <summary>The same because the front end went away; the guest may live on, before another back end.</summary>
    void Disconnected() => Reset();
}
