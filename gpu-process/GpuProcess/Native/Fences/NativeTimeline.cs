using System.Diagnostics;
using SplitVmm.GpuProcess.Fences;
using SplitVmm.GpuProcess.Native.Devices;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Events;

namespace SplitVmm.GpuProcess.Native.Fences;

/// <summary>
/// The submissions and fences of one ring of a context, in their order. A submission is a sync file of the kernel's; the event
/// loop watches the oldest. A fence of the guest retires when every submission before it is complete, whatever order the kernel
/// completes them in: several queues may share a ring.
/// </summary>
/// <param name="completed">Called for each submission that is complete; true: it has failed.</param>
internal sealed class NativeTimeline(
    FenceTimelineId id, EventLoop loop, RetiredFences retired, IDrmFile drm, NativeStatistics statistics, Action<bool> completed) : IDisposable
{
    private readonly Queue<Entry> _entries = new();
    private Watch? _watch;
    private bool _isWatching;

    /// <summary>Notes a submission.</summary>
    /// <param name="file">Readable when it is complete; owned from here on.</param>
    public void Submitted(PooledDescriptor file)
    {
        statistics.SyncFiles++;
        _entries.Enqueue(new Entry(file, 0));
        Poll();
    }

    /// <summary>Puts a fence of the guest behind what was submitted so far.</summary>
    public void Add(uint fence)
    {
        _entries.Enqueue(new Entry(default, fence));
        Poll();
    }

    /// <summary>Retires what is complete, and watches the oldest of what is not.</summary>
    public void Poll()
    {
        while (_entries.TryPeek(out Entry oldest))
        {
            if (!oldest.File.IsOpen)
            {
                retired.Add(new RetiredFence(id, oldest.Fence));
            }
            else if (IsSignalled(oldest.File.Descriptor))
            {
                // The watch goes before the file that it watches.
                _watch?.Rest();
                _isWatching = false;
                Complete(oldest.File);
            }
            else
            {
                WatchFor(oldest.File.Descriptor);
                return;
            }

            _ = _entries.Dequeue();
        }
    }

    /// <summary>Drops everything: fences that wait are the caller's to answer.</summary>
    public void Dispose()
    {
        _watch?.Dispose();
        while (_entries.TryDequeue(out Entry entry))
        {
            statistics.SyncFiles -= entry.File.IsOpen ? 1 : 0;
            entry.File.Dispose();
        }
    }

    private static bool IsSignalled(Descriptor file) =>
        Platform.Events.Poll.WaitUntil(file, Readiness.In, Stopwatch.GetTimestamp());

    private void Complete(PooledDescriptor file)
    {
        completed(drm.HasFailed(file.Descriptor));
        statistics.SyncFiles--;
        file.Dispose();
    }

    /// <summary>One watch for all files, one after the other, which no submission allocates.</summary>
    private void WatchFor(Descriptor oldest)
    {
        if (_watch is null)
        {
            _watch = loop.Add(oldest, Readiness.In, _ => Poll());
        }
        else if (!_isWatching)
        {
            _watch.MoveTo(oldest, Readiness.In);
        }

        _isWatching = true;
    }

    /// <param name="File">Of a submission, open until this is no more; none for a fence.</param>
    private readonly record struct Entry(PooledDescriptor File, uint Fence);
}
