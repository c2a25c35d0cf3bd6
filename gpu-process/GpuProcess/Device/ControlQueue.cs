using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using SplitVmm.GpuProcess.Commands;
using SplitVmm.GpuProcess.Fences;
using SplitVmm.GpuProcess.Journal;
using SplitVmm.GpuProcess.Protocol;
using SplitVmm.GpuProcess.Scanouts;
using SplitVmm.Platform.Events;
using SplitVmm.VhostUser.BackEnd;
using SplitVmm.Virtio.Queues;

namespace SplitVmm.GpuProcess.Device;

/// <summary>
/// Works through the control queue: takes chains as long as there are any, answers each, and interrupts the
/// driver once for all of them. While it works the driver need not kick.
/// </summary>
internal sealed class ControlQueue
{
    /// <summary>After so many requests the loop's other business gets its turn.</summary>
    private const int MaxBatch = 256;

    /// <summary>The same in time, as each request of a batch may have been waited for.</summary>
    private static readonly long s_maxTurn = Stopwatch.Frequency / 1000;

    private readonly ControlCommands _commands;
    private readonly GpuState _state;
    private readonly FenceTracker? _fences;
    private readonly FlipWait _flips;
    private readonly EventLoop _loop;
    private readonly Action _continue;
    private readonly Action _batchDone;
    private readonly PollWindow _window;
    private VhostUserQueue? _queue;
    private Answered? _untilShown;
    private bool _continuing;
    private bool _working;

    /// <param name="fences">Null: the renderer has none, and everything is complete when it is answered.</param>
    /// <param name="flips">While it waits, requests do too; afterwards <see cref="FlipIsShown"/> is to be called.</param>
    /// <param name="poll">The longest to look for further requests before waiting for a kick.</param>
    /// <param name="batchDone">Called after each batch.</param>
    public ControlQueue(
        ControlCommands commands, GpuState state, FenceTracker? fences, FlipWait flips, EventLoop loop, TimeSpan poll, Action batchDone)
    {
        _flips = flips;
        _batchDone = batchDone;
        _commands = commands;
        _state = state;
        _fences = fences;
        _loop = loop;
        _continue = Continue;
        // With a single processor there is nobody who could send a request meanwhile.
        _window = new PollWindow(Environment.ProcessorCount == 1 ? 0 : (long)(poll.TotalSeconds * Stopwatch.Frequency));
    }

    /// <summary>While true, requests wait: what they refer to is not there yet.</summary>
    public bool IsHeld { get; set; }

    public void Start(VhostUserQueue queue) => _queue = queue;

    public void Stop()
    {
        if (_untilShown is { } answered)
        {
            _untilShown = null;
            answered.Queue.Ring.Push(answered.Chain, answered.Written);
        }

        _queue = null;
    }

    /// <summary>The display has let go of the picture before a flip: the request that flipped is complete, and others may come.</summary>
    public void FlipIsShown()
    {
        if (_untilShown is { } answered)
        {
            _untilShown = null;
            Complete(answered);
            answered.Queue.Notify();
        }

        Drain();
    }

    /// <summary>Answers what the driver has offered.</summary>
    public void Drain()
    {
        if (_queue is not { IsEnabled: true } queue || IsHeld || _flips.IsWaiting || _working)
        {
            return;
        }

        _working = true;
        queue.Ring.SuppressKicks();
        if (!Work(queue))
        {
            ContinueLater();
        }

        _working = false;
        queue.Notify();
        _batchDone();
    }

    /// <returns>False if there may be more.</returns>
    private bool Work(VhostUserQueue queue)
    {
        int left = MaxBatch;
        long end = Stopwatch.GetTimestamp() + s_maxTurn;
        do
        {
            while (TryPop(queue, out DescriptorChain? chain))
            {
                Answer(queue, chain);
                _ = _fences?.Retire(notify: false);
                if (--left == 0 || Stopwatch.GetTimestamp() >= end)
                {
                    return false;
                }

                if (_flips.IsWaiting)
                {
                    return true;
                }
            }
        }
        while (queue.Ring.ResumeKicks());

        return true;
    }

    /// <summary>Takes a request, and waits a moment for one where that is likely to be worth it.</summary>
    private bool TryPop(VhostUserQueue queue, [NotNullWhen(true)] out DescriptorChain? chain)
    {
        if (!queue.Ring.TryPop(out chain) && !TryAwait(queue, out chain))
        {
            return false;
        }

        if (_window.IsIdle)
        {
            _window.Found(Stopwatch.GetTimestamp());
        }

        return true;
    }

    private bool TryAwait(VhostUserQueue queue, [NotNullWhen(true)] out DescriptorChain? chain)
    {
        chain = null;
        if (_fences is { Pending: > 0 })
        {
            // The driver waits for the renderer, whose threads need the processor more.
            _window.Forget();
            return false;
        }

        long now = Stopwatch.GetTimestamp();
        _window.Idle(now);
        if (_window.Length == 0)
        {
            return false;
        }

        // The driver may be waiting for what was answered so far.
        queue.Notify();
        long end = now + _window.Length;
        while (!queue.Ring.TryPop(out chain))
        {
            if (Stopwatch.GetTimestamp() >= end)
            {
                return false;
            }

            Thread.SpinWait(20);
        }

        return true;
    }

    private void Answer(VhostUserQueue queue, DescriptorChain chain)
    {
        GpuJournal? journal = _state.Journal;
        if (chain.IsRecovered && journal is not null && journal.WasExecuted(chain, out uint length))
        {
            // Its effects are in the journal and its response in guest memory. What it gave to the GPU has gone with
            // the process that did: there is nothing left to wait for.
            queue.Ring.Push(chain, Math.Min(length, chain.WritableLength));
            return;
        }

        _state.Statistics.Commands++;
        journal?.Begin(chain);
        bool complete = GpuExchange.TryOpen(chain, out GpuExchange exchange);
        VirtioGpuCtrlType result = !complete ? VirtioGpuCtrlType.VIRTIO_GPU_RESP_ERR_UNSPEC
            : NamesARing(exchange.Header) && exchange.Header.RingIdx >= FenceTimelineId.MaxRings
                ? VirtioGpuCtrlType.VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER
                : _commands.Execute(ref exchange);
        exchange.Finish(result);
        journal?.Commit(chain, exchange.Written);
        if (result >= VirtioGpuCtrlType.VIRTIO_GPU_RESP_ERR_UNSPEC)
        {
            _state.Statistics.Errors++;
        }

        var answered = new Answered(queue, chain, exchange.Header, exchange.Written);
        if (_flips.IsWaiting)
        {
            // This request flipped. The guest takes its answer for leave to draw into the picture before.
            _untilShown = answered;
            return;
        }

        Complete(answered);
    }

    private void Complete(in Answered answered)
    {
        (VhostUserQueue queue, DescriptorChain chain, VirtioGpuCtrlHdr header, uint written) = answered;
        if ((header.Flags & VirtioGpuFlags.VIRTIO_GPU_FLAG_FENCE) == 0)
        {
            queue.Ring.Push(chain, written);
            return;
        }

        if (_fences is not null && TryFindRing(header, out FenceTimelineId ring))
        {
            // What stands before it on the ring, the context alone knows.
            _fences.Defer(ring, queue, chain, written);
            return;
        }

        // Without work on the way the request is complete already: copies in and out are done when the renderer
        // returns. A fence costs two thread switches.
        if (_fences is null || (_fences.Pending == 0 && !_state.HasUnfencedWork))
        {
            queue.Ring.Push(chain, written);
            _state.Statistics.Fences++;
            return;
        }

        _state.HasUnfencedWork = false;
        _fences.Defer(FenceTimelineId.Global, queue, chain, written);
    }

    /// <summary>
    /// Whether the fence belongs to a ring (virtio 1.3 section 5.7.6.5). A request that names a context that does not
    /// exist was refused, and is complete with all others.
    /// </summary>
    private bool TryFindRing(in VirtioGpuCtrlHdr header, out FenceTimelineId ring)
    {
        ring = new FenceTimelineId(header.CtxId, header.RingIdx);
        return NamesARing(header) && header.RingIdx < FenceTimelineId.MaxRings && _state.Contexts.ContainsKey(header.CtxId);
    }

    private bool NamesARing(in VirtioGpuCtrlHdr header) =>
        (header.Flags & VirtioGpuFlags.VIRTIO_GPU_FLAG_INFO_RING_IDX) != 0 && _state.Has(VirtioGpuFeatures.VIRTIO_GPU_F_CONTEXT_INIT);

    private void ContinueLater()
    {
        if (!_continuing)
        {
            _continuing = true;
            _loop.Post(_continue);
        }
    }

    private void Continue()
    {
        _continuing = false;
        Drain();
    }

    /// <summary>A request whose response is written.</summary>
    private readonly record struct Answered(VhostUserQueue Queue, DescriptorChain Chain, VirtioGpuCtrlHdr Header, uint Written);
}
