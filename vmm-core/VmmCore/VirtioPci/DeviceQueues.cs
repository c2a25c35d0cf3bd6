using SplitVmm.Platform.Descriptors;
using SplitVmm.Virtio.Memory;
using SplitVmm.Virtio.Queues;

namespace SplitVmm.VmmCore.VirtioPci;

/// <summary>The queues of a device that lives in this process, between activation and reset. Used under the device's lock.</summary>
/// <param name="count">How many queues the device has.</param>
internal sealed class DeviceQueues(int count)
{
    private readonly SplitQueue?[] _queues = new SplitQueue?[count];
    private readonly EventFd?[] _calls = new EventFd?[count];

    /// <summary>Sets up the queues that the driver enabled; false if one of them is not in order.</summary>
    public bool TryStart(GuestMemory memory, ulong features, IReadOnlyList<ActiveQueue> queues)
    {
        foreach (ActiveQueue queue in queues)
        {
            QueueError error = SplitQueue.TryCreate(memory, queue.Layout, features, nextAvailable: 0, out SplitQueue? made);
            if (error != QueueError.None)
            {
                Stop();
                return false;
            }

            _queues[queue.Index] = made;
            _calls[queue.Index] = queue.Call;
        }

        return true;
    }

    /// <summary>Entries of a queue; 0 where the driver did not enable it.</summary>
    public int SizeOf(int index) => _queues[index]?.Size ?? 0;

    /// <summary>A queue that is served; null where it was not enabled or has been stopped.</summary>
    public SplitQueue? Working(int index) => _queues[index] is { IsStopped: false } queue ? queue : null;

    /// <summary>Tells the driver of what was pushed to a queue that was <see cref="Working"/>, if it wants to know.</summary>
    public void Interrupt(int index)
    {
        if (_queues[index]!.TakeInterrupt())
        {
            _ = _calls[index]!.Signal();
        }
    }

    public void Stop()
    {
        foreach (SplitQueue? queue in _queues)
        {
            _ = queue?.Stop();
        }
    }
}
