using System.Runtime.InteropServices;
using SplitVmm.GpuProcess.Device;
using SplitVmm.GpuProcess.Protocol;
using SplitVmm.GpuProcess.Rendering;
using SplitVmm.Platform.Events;
using SplitVmm.VhostUser.BackEnd;
using SplitVmm.Virtio.Queues;

namespace SplitVmm.GpuProcess.Fences;

/// <summary>
/// Holds back responses until the renderer says that their fence is complete. There is one timeline for requests that
/// name no ring, and one for each ring of each context; a fence of one never retires a request of another.
/// </summary>
internal sealed class FenceTracker : IDisposable
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(1);

    private readonly IRenderer3d _renderer;
    private readonly RetiredFences _retired;
    private readonly GpuStatistics _statistics;
    private readonly Dictionary<FenceTimelineId, FenceTimeline> _timelines = new() { [FenceTimelineId.Global] = new() };
    private readonly Watch _wake;
    private readonly Watch? _poll;
    private readonly TimerFd? _timer;
    private bool _timerArmed;
    private long _progressAt;

    // One count for all timelines: what a context that is gone may still report is below every fence of its successor.
    private uint _lastFence;

    public FenceTracker(EventLoop loop, IRenderer3d renderer, RetiredFences retired, GpuStatistics statistics)
    {
        _renderer = renderer;
        _retired = retired;
        _statistics = statistics;
        _wake = loop.Add(retired.Wake, Readiness.In, _ => OnWake());
        if (renderer.MustPoll)
        {
            _timer = TimerFd.Create();
            _poll = loop.Add(_timer, Readiness.In, _ => OnTimer());
        }
        else if (renderer.PollDescriptor is { } descriptor)
        {
            _poll = loop.Add(descriptor, Readiness.In, _ => renderer.Poll());
        }
    }

    /// <summary>Requests that wait, on all timelines.</summary>
    public int Pending { get; private set; }

    /// <summary>For how long requests wait and none was completed; zero while there is progress.</summary>
    public TimeSpan Stalled => Pending == 0
        ? TimeSpan.Zero
        : TimeSpan.FromMilliseconds(Environment.TickCount64 - _progressAt);

    /// <summary>
    /// Takes over a request whose response is written, and completes it when the work before it on its timeline is
    /// complete.
    /// </summary>
    /// <param name="id">The global timeline, or a ring of a context that exists.</param>
    public void Defer(FenceTimelineId id, VhostUserQueue queue, DescriptorChain chain, uint written)
    {
        if (Pending == 0)
        {
            _progressAt = Environment.TickCount64;
        }

        ref FenceTimeline? timeline = ref CollectionsMarshal.GetValueRefOrAddDefault(_timelines, id, out _);
        timeline ??= new FenceTimeline();
        // Recorded first: the renderer's thread may report it before the call that makes it returns.
        uint fence = ++_lastFence;
        timeline.Add(queue, chain, written, fence);
        Pending++;
        bool made = id == FenceTimelineId.Global ? _renderer.TryCreateFence(fence) : _renderer.TryCreateContextFence(id, fence);
        if (!made)
        {
            // The driver learns that its work is in doubt; its fence signals all the same. The response begins with
            // its type, and nobody reads it before the request is given back.
            ChainWriter response = chain.CreateWriter();
            _ = response.TryWrite(VirtioGpuCtrlType.VIRTIO_GPU_RESP_ERR_UNSPEC);
            _statistics.Errors++;
            if (timeline.Refuse())
            {
                _ = TryRetire(timeline, fence, out _);
            }

            return;
        }

        if (_timer is not null && !_timerArmed)
        {
            _timerArmed = true;
            _timer.Arm(PollInterval, PollInterval);
        }
    }

    /// <summary>Completes what the renderer has reported, and interrupts the driver once.</summary>
    /// <param name="notify">False if the caller interrupts later, with more.</param>
    /// <returns>Whether something was completed.</returns>
    public bool Retire(bool notify = true)
    {
        if (!_retired.TryAcknowledge())
        {
            return false;
        }

        VhostUserQueue? last = null;
        while (_retired.TryTake(out RetiredFence retired))
        {
            if (!_timelines.TryGetValue(retired.Timeline, out FenceTimeline? timeline))
            {
                continue;
            }

            while (TryRetire(timeline, (uint)retired.Fence, out VhostUserQueue? queue))
            {
                last = queue;
            }
        }

        if (notify)
        {
            last?.Notify();
        }

        return last is not null;
    }

    /// <summary>The context is destroyed, and its fences with it: what waited for them is complete.</summary>
    public void EndContext(uint context)
    {
        foreach ((FenceTimelineId id, FenceTimeline timeline) in _timelines)
        {
            if (id.Context == context && id != FenceTimelineId.Global)
            {
                Abandon(timeline);
                // Removing while enumerating is allowed for a dictionary.
                _ = _timelines.Remove(id);
            }
        }
    }

    /// <summary>The queue ends: waits a moment for the renderer, then completes what is left all the same.</summary>
    public void Finish(TimeSpan patience)
    {
        long end = Environment.TickCount64 + (long)patience.TotalMilliseconds;
        while (Pending > 0 && Environment.TickCount64 < end)
        {
            _renderer.Poll();
            if (!Retire(notify: false))
            {
                Thread.Sleep(1);
            }
        }

        foreach (FenceTimeline timeline in _timelines.Values)
        {
            Abandon(timeline);
        }
    }

    public void Dispose()
    {
        _wake.Dispose();
        _poll?.Dispose();
        _timer?.Dispose();
    }

    private bool TryRetire(FenceTimeline timeline, uint fence, out VhostUserQueue? queue)
    {
        if (!timeline.TryRetire(fence, out FenceTimeline.Pending pending))
        {
            queue = null;
            return false;
        }

        Complete(pending);
        queue = pending.Queue;
        return true;
    }

    private void Abandon(FenceTimeline timeline)
    {
        while (timeline.TryAbandon(out FenceTimeline.Pending abandoned))
        {
            Complete(abandoned);
        }
    }

    private void Complete(in FenceTimeline.Pending pending)
    {
        pending.Queue.Ring.Push(pending.Chain, pending.Written);
        _statistics.Fences++;
        _progressAt = Environment.TickCount64;
        Pending--;
    }

    private void OnWake()
    {
        // A signal can come after what it announced was taken; left alone it would keep the loop from sleeping.
        _ = _retired.Wake.TryDrain(out _);
        _ = Retire();
    }

    private void OnTimer()
    {
        _ = _timer!.TryDrain(out _);
        _renderer.Poll();
        _ = Retire();
        if (Pending == 0)
        {
            _timerArmed = false;
            _timer.Disarm();
        }
    }
}
