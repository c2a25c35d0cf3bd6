using SplitVmm.Platform.Descriptors;
using SplitVmm.Virtio.Queues;

namespace SplitVmm.VhostUser.BackEnd;

/// <summary>
/// A started queue of a device: the ring and its interrupt line. The line may be exchanged while the queue runs
/// (a front end does so when the guest masks a vector), so a device signals by <see cref="Notify"/> only.
/// </summary>
public sealed class VhostUserQueue
{
    private EventFd? _call;

    internal VhostUserQueue(int index, SplitQueue ring)
    {
        Index = index;
        Ring = ring;
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

    internal void SetCall(EventFd? call) => _call = call;
}
