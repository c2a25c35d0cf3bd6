using SplitVmm.Platform.Events;

namespace SplitVmm.VmmCore.VirtioPci;

/// <summary>
/// Waits on the event loop for the kicks of a device that lives in this process. Made and ended on a vCPU's thread, so the
/// loop learns of both by a post.
/// </summary>
internal sealed class KickWatches
{
    private readonly EventLoop _loop;
    private readonly IReadOnlyList<ActiveQueue> _queues;
    private readonly Action<int> _kicked;
    private readonly List<Watch> _watches = [];
    private bool _ended;

    /// <param name="kicked">Called on the loop with the number of the queue; once for each at the beginning, for buffers may lie ready
    /// since before the watch.</param>
    public KickWatches(EventLoop loop, IReadOnlyList<ActiveQueue> queues, Action<int> kicked)
    {
        _loop = loop;
        _queues = queues;
        _kicked = kicked;
        loop.Post(Start);
    }

    /// <param name="ended">Called on the loop when no further kick will be heard.</param>
    public void End(Action? ended = null) => _loop.Post(() =>
    {
        _ended = true;
        foreach (Watch watch in _watches)
        {
            watch.Dispose();
        }

        _watches.Clear();
        ended?.Invoke();
    });

    private void Start()
    {
        foreach (ActiveQueue queue in _queues)
        {
            if (_ended || queue.Kick.IsClosed)
            {
                return;
            }

            _watches.Add(_loop.Add(queue.Kick, Readiness.In, _ => Kicked(queue)));
        }

        foreach (ActiveQueue queue in _queues)
        {
            _kicked(queue.Index);
        }
    }

    private void Kicked(ActiveQueue queue)
    {
        _ = queue.Kick.TryDrain(out _);
        _kicked(queue.Index);
    }
}
