using SplitVmm.Platform.Events;
using SplitVmm.VmmCore.VirtioPci;

namespace SplitVmm.VmmCore.VirtioConsole;

/// <summary>
/// A virtio-console that a driver runs: its queues, what is known of the port, and the watches of the kicks on the event
/// loop. It is started and stopped on a vCPU's thread, so the loop learns of both by a post.
/// </summary>
internal sealed class ActiveConsole : IActiveDevice
{
    private readonly ConsoleDevice _device;
    private readonly EventLoop _loop;
    private readonly List<Watch> _watches = [];
    private bool _ended;

    public ActiveConsole(ConsoleDevice device, ConsoleQueues queues, IReadOnlyList<ActiveQueue> kicks, EventLoop loop)
    {
        _device = device;
        _loop = loop;
        Queues = queues;
        loop.Post(() => StartWatching(kicks));
    }

    public ConsoleQueues Queues { get; }

    public PortControl Control { get; } = new();

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

        // Buffers may lie ready since before the watch.
        foreach (ActiveQueue queue in kicks)
        {
            _device.Serve(this, queue.Index);
        }
    }

    private void EndWatching()
    {
        _ended = true;
        foreach (Watch watch in _watches)
        {
            watch.Dispose();
        }

        _watches.Clear();
        _device.Ended(this);
    }

    private void Kicked(ActiveQueue queue)
    {
        _ = queue.Kick.TryDrain(out _);
        _device.Serve(this, queue.Index);
    }
}
