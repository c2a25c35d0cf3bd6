using System.Collections.Concurrent;

namespace SplitVmm.DisplayProcess.Pictures;

/// <summary>
/// Compresses and writes pictures on a thread of its own, so that frames and input go on meanwhile. One job runs, at
/// most <see cref="MostWaiting"/> wait.
/// </summary>
internal sealed class PngWriter : IDisposable
{
    private const int MostWaiting = 4;

    private readonly BlockingCollection<Job> _jobs = new(MostWaiting);
    private readonly Thread _thread;
    private readonly Action<Action> _post;

    /// <param name="post">Runs an action on the loop's thread, soon.</param>
    public PngWriter(Action<Action> post)
    {
        _post = post;
        _thread = new Thread(Work) { IsBackground = true, Name = "png", Priority = ThreadPriority.BelowNormal };
        _thread.Start();
    }

    /// <summary>Writes the same picture under each of the paths.</summary>
    /// <param name="done">Called on the loop's thread with null, or with one line that says why not.</param>
    /// <returns>False if too many are waiting already.</returns>
    public bool TryWrite(Snapshot snapshot, string[] paths, Action<string?> done) =>
        !_jobs.IsAddingCompleted && _jobs.TryAdd(new Job(snapshot, paths, done));

    /// <summary>Waits until what was accepted is on disk.</summary>
    public void Dispose()
    {
        _jobs.CompleteAdding();
        _thread.Join();
        _jobs.Dispose();
    }

    private void Work()
    {
        foreach (Job job in _jobs.GetConsumingEnumerable())
        {
            string? error = null;
            try
            {
                byte[] png = PngFile.Encode(job.Snapshot);
                foreach (string path in job.Paths)
                {
                    PngFile.Write(path, png);
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
            {
                error = $"cannot write {job.Paths[0]}: {e.Message}";
            }

            _post(() => job.Done(error));
        }
    }

    private sealed record Job(Snapshot Snapshot, string[] Paths, Action<string?> Done);
}
