using SplitVmm.Platform.Events;
using SplitVmm.VmmCore.VirtioPci;

namespace SplitVmm.VmmCore.Input;

/// <summary>
/// A virtio-input device that a driver runs: its queues, and the watches of their kicks on the event loop. It is
/// started and stopped on a vCPU's thread, so the loop learns of both by a post.
/// </summary>
internal sealed class ActiveInput : IActiveDevice
{
    private readonly InputDevice _device;
    private readonly EventLoop _loop;
    private readonly List<Watch> _watches = [];
    private bool _ended;

    public ActiveInput(InputDevice device, InputQueues queues, IReadOnlyList<ActiveQueue> kicks, EventLoop loop)
    {
        _device = device;
        _loop = loop;
        Queues = queues;
        loop.Post(() => StartWatching(kicks));
    }

    public InputQueues Queues { get; }

    public void Deactivate()
    {
        _device.Deactivated(this);
        _loop.Post(EndWatching);
    }

    private void StartWatching(IReadOnlyList<ActiveQueue> kicks)
    {
        foreach (ActiveQueue queue in kicks)
        {
            if (_ended || queue.Kick.IsClosed)
            {
                return;
            }

            _watches.Add(_loop.Add(queue.Kick, Readiness.In, _ => Kicked(queue)));
        }

        // Buffers may lie ready since before the watch, and there may be something to tell at once.
        _device.EventsWanted(this);
    }

    private void EndWatching()
    {
        _ended = true;
        foreach (Watch watch in _watches)
        {
            watch.Dispose();
        }

        _watches.Clear();
    }

    private void Kicked(ActiveQueue queue)
    {
        _ = queue.Kick.TryDrain(out _);
        if (queue.Index == InputQueues.EventQueue)
        {
            _device.EventsWanted(this);
        }
        else
        {
            _device.StatusSent(this);
        }
    }
}
