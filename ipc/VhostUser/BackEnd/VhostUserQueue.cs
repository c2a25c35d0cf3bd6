using SplitVmm.Platform.Descriptors;
using SplitVmm.Virtio.Queues;

namespace SplitVmm.VhostUser.BackEnd;

/// <summary>
/// A started queue of a device: the ring and its interrupt line. The line may be exchanged while the queue runs
/// (a front end does so when the guest masks a vector), so a device signals by <see cref="Notify"/> only.
/// </summary>
public sealed class VhostUserQueue
{
    private readonly Action _kickLater;
    private EventFd? _call;

    internal VhostUserQueue(int index, SplitQueue ring, Action kickLater)
    {
        Index = index;
        Ring = ring;
        _kickLater = kickLater;
    }

    /// <summary>The virtqueue's number.</summary>
    public int Index { get; }

    /// <summary>The rings.</summary>
    public SplitQueue Ring { get; }

    /// <summary>False while the front end has the queue disabled: requests are then not to be started.</summary>
    public bool IsEnabled { get; internal set; }

    /// <summary>Sends the driver an interrupt if it wants one for what was pushed since the last call.</summary>
    public void Notify()
    {
        if (Ring.TakeInterrupt())
        {
            _ = _call?.Signal();
        }
    }

    /// <summary>
    /// Asks for another <see cref="IVhostUserDevice.QueueKicked"/> after the other work of the loop. A device that
    /// pops until nothing is left would let a busy driver keep every other queue waiting.
    /// </summary>
    public void KickLater() => _kickLater();

    internal void SetCall(EventFd? call) => _call = call;
}
