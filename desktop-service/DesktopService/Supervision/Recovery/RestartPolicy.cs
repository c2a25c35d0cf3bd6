namespace SplitVmm.DesktopService.Supervision.Recovery;

/// <summary>
/// Decides for one process of a machine what its death leads to. It knows deaths and times only. The first death is
/// followed by a start at once; each further one within the window doubles the delay; one beyond the quota is final.
/// </summary>
internal sealed class RestartPolicy(RestartLimits limits)
{
    private static readonly TimeSpan SecondDelay = TimeSpan.FromMilliseconds(50);

    // Times of the deaths within the window, oldest first.
    private readonly Queue<TimeSpan> _crashes = new();

    public RestartLimits Limits { get; } = limits;

    /// <summary>The quota was exceeded: no start follows any more.</summary>
    public bool HasGivenUp { get; private set; }

    /// <param name="now">Not before that of an earlier call.</param>
    public RestartDecision OnCrash(TimeSpan now)
    {
        while (_crashes.TryPeek(out TimeSpan oldest) && now - oldest > Limits.Window)
        {
            _ = _crashes.Dequeue();
        }

        // One more than the quota says all there is to say.
        if (_crashes.Count <= Limits.Crashes)
        {
            _crashes.Enqueue(now);
        }

        HasGivenUp |= _crashes.Count > Limits.Crashes;
        return new RestartDecision(!HasGivenUp, HasGivenUp ? TimeSpan.Zero : DelayAfter(_crashes.Count), _crashes.Count);
    }

    private TimeSpan DelayAfter(int crashes)
    {
        if (crashes <= 1)
        {
            return TimeSpan.Zero;
        }

        // Shifted further than this every delay is at its limit.
        const int Doublings = 20;
        TimeSpan delay = SecondDelay * (1 << Math.Min(crashes - 2, Doublings));
        return delay < Limits.LongestDelay ? delay : Limits.LongestDelay;
    }
}
