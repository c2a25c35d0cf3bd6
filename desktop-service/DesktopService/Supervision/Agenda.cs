namespace SplitVmm.DesktopService.Supervision;

/// <summary>What is to be done at which time, on one thread.</summary>
/// <param name="clock">Time since some fixed moment.</param>
internal sealed class Agenda(Func<TimeSpan> clock)
{
    // A handful of entries; insertion order decides among equal times.
    private readonly List<(TimeSpan Due, Action Action)> _entries = [];

    public void After(TimeSpan delay, Action action) => _entries.Add((clock() + delay, action));

    /// <summary>
    /// Does it at the next multiple of the period. What recurs at the same times wakes the process, and those that it asks, less often
    /// than what recurs each at its own.
    /// </summary>
    public void OnBeat(TimeSpan period, Action action)
    {
        TimeSpan now = clock();
        _entries.Add((now + period - TimeSpan.FromTicks(now.Ticks % period.Ticks), action));
    }

    /// <summary>Does it once per period, until <paramref name="action"/> returns false.</summary>
    public void Every(TimeSpan period, Func<bool> action) => After(period, () =>
    {
        if (action())
        {
            Every(period, action);
        }
    });

    /// <summary>Milliseconds until the next entry, rounded up; -1: there is none.</summary>
    public int NextTimeout()
    {
        if (_entries.Count == 0)
        {
            return -1;
        }

        TimeSpan left = _entries.Min(entry => entry.Due) - clock();
        return left <= TimeSpan.Zero ? 0 : (int)Math.Min(Math.Ceiling(left.TotalMilliseconds), int.MaxValue);
    }

    /// <summary>Does what is due, in the order of the times.</summary>
    public void RunDue()
    {
        TimeSpan now = clock();
        (TimeSpan Due, Action Action)[] due = [.. _entries.Where(entry => entry.Due <= now).OrderBy(entry => entry.Due)];
        _ = _entries.RemoveAll(entry => entry.Due <= now);
        foreach ((_, Action action) in due)
        {
            action();
        }
    }
}
