using SplitVmm.Platform.Descriptors;
using SplitVmm.VhostUser.FrontEnd;
using SplitVmm.VhostUser.Messages;
using SplitVmm.Virtio.Constants;
using SplitVmm.Virtio.Memory;
using SplitVmm.Virtio.Queues;
using SplitVmm.VmmCore.VirtioPci;

namespace SplitVmm.VmmCore.Devices;

/// <summary>
/// What a driver has set up, from DRIVER_OK until reset, in a form that can be told to one back end after another:
/// while a back end works on the queues, this process has no part in the data path. Used under the device's lock.
/// </summary>
/// <param name="deactivate">The driver resets the device.</param>
/// <param name="memory">Guest memory.</param>
/// <param name="features">What the driver has acknowledged.</param>
/// <param name="queues">The queues that it has enabled.</param>
/// <param name="queueError">Signalled by the back end when the driver has broken a queue.</param>
internal sealed class ActiveVhostUser(
    Action<ActiveVhostUser> deactivate, GuestMemory memory, ulong features, IReadOnlyList<ActiveQueue> queues, EventFd queueError)
    : IActiveDevice
{
    private const VirtioStatus Driven = VirtioStatus.ACKNOWLEDGE | VirtioStatus.DRIVER | VirtioStatus.FEATURES_OK;

    // Kept over the deaths of back ends; it records what they have taken and not given back.
    private VhostUserInflightFile? _inflight;

    public void Deactivate() => deactivate(this);

    /// <summary>
    /// Has a back end work on the queues. One that follows another finds the requests that the other left in the
    /// in-flight table, and goes on in the rings where it stopped ("Inflight I/O tracking").
    /// </summary>
    public VhostUserResult Start(VhostUserFrontEnd frontEnd)
    {
        VhostUserResult result = frontEnd.SetStatus(Driven);
        result = result == VhostUserResult.Done ? frontEnd.SetFeatures(features) : result;
        result = result == VhostUserResult.Done ? frontEnd.SetMemory(memory) : result;
        result = result == VhostUserResult.Done ? SetInflight(frontEnd) : result;
        foreach (ActiveQueue queue in queues)
        {
            result = result == VhostUserResult.Done ? frontEnd.SetError(queue.Index, queueError) : result;
            result = result == VhostUserResult.Done ? StartQueue(frontEnd, queue) : result;
        }

        return result == VhostUserResult.Done ? frontEnd.SetStatus(Driven | VirtioStatus.DRIVER_OK) : result;
    }

    /// <summary>Takes the queues back: when this returns, the back end has answered or its connection is cut.</summary>
    public void Stop(VhostUserFrontEnd frontEnd)
    {
        foreach (ActiveQueue queue in queues)
        {
            _ = frontEnd.StopQueue(queue.Index, out _);
        }
    }

    /// <summary>One interrupt for each queue: the back end that died may have owed one. A driver expects spurious ones.</summary>
    public void Interrupt()
    {
        foreach (ActiveQueue queue in queues)
        {
            _ = queue.Call.Signal();
        }
    }

    /// <summary>The driver is done with the queues: what was in flight is nobody's any more.</summary>
    public void Forget()
    {
        _inflight?.Dispose();
        _inflight = null;
    }

    private VhostUserResult SetInflight(VhostUserFrontEnd frontEnd)
    {
        if (queues.Count == 0 || (frontEnd.ProtocolFeatures & VhostUserProtocolFeatures.INFLIGHT_SHMFD) == 0)
        {
            return VhostUserResult.Done;
        }

        if (_inflight is null)
        {
            int count = queues.Max(queue => queue.Index) + 1;
            VhostUserResult made = frontEnd.GetInflight(count, queues.Max(queue => queue.Layout.Size), out _inflight);
            if (made != VhostUserResult.Done)
            {
                return made;
            }
        }

        return frontEnd.SetInflight(_inflight!);
    }

    private VhostUserResult StartQueue(VhostUserFrontEnd frontEnd, ActiveQueue queue) => frontEnd.StartQueue(
        queue.Index, new VhostUserQueueSetup(queue.Layout, UsedIndexOf(queue), queue.Kick, queue.Call));

    /// <summary>
    /// Where to go on in the available ring: what is used is done. 0 in a fresh ring; after a death the in-flight
    /// table tells the back end more. Addresses that do not hold are the back end's to refuse.
    /// </summary>
    private ushort UsedIndexOf(ActiveQueue queue)
    {
        const ulong IndexOffset = 2;
        return memory.TryRead(queue.Layout.UsedRing + IndexOffset, out ushort index) ? index : (ushort)0;
    }
}
