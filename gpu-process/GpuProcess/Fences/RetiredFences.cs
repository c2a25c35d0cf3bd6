using System.Collections.Concurrent;
using SplitVmm.Platform.Descriptors;

namespace SplitVmm.GpuProcess.Fences;

/// <summary>
/// Carries retired fences from the renderer's threads to the device's. Adding takes no lock, never waits, and in
/// a steady state allocates nothing; the device's loop watches <see cref="Wake"/>.
/// </summary>
internal sealed class RetiredFences : IDisposable
{
    private readonly ConcurrentQueue<RetiredFence> _queue = new();
    private int _signalled;

    /// <summary>Readable while something may be there to take.</summary>
    public EventFd Wake { get; } = EventFd.Create();

    /// <summary>From any thread, also from inside a call into the renderer.</summary>
    public void Add(RetiredFence fence)
    {
        _queue.Enqueue(fence);
        // One signal until the device looks: a system call per fence would be wasted on a busy timeline.
        if (Interlocked.Exchange(ref _signalled, 1) == 0)
        {
            _ = Wake.Signal();
        }
    }

    /// <summary>Takes the next one; on the device's thread.</summary>
    public bool TryTake(out RetiredFence fence) => _queue.TryDequeue(out fence);

    /// <summary>
    /// Notices the wake-up; afterwards <see cref="TryTake"/> until nothing is left. Costs no system call while
    /// nothing was added.
    /// </summary>
    /// <returns>Whether something was added since the last time.</returns>
    public bool TryAcknowledge()
    {
        if (Volatile.Read(ref _signalled) == 0)
        {
            return false;
        }

        _ = Wake.TryDrain(out _);
        // Full barrier: what is added after this signals again, what was added before is seen by TryTake.
        Interlocked.Exchange(ref _signalled, 0);
        return true;
    }

    public void Dispose() => Wake.Dispose();
}
