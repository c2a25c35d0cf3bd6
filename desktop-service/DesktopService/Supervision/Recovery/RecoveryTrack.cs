namespace SplitVmm.DesktopService.Supervision.Recovery;

/// <summary>What is known of the deaths and restarts of one role, from the first death until a process works again.</summary>
internal sealed class RecoveryTrack(ProcessRole role, RestartLimits limits)
{
    private TimeSpan? _downSince;
    private string _cause = "";
    private int _crashes;

    public ProcessRole Role => role;

    public RestartPolicy Policy { get; } = new(limits);

    /// <summary>There was a death since the process last worked.</summary>
    public bool IsDown => _downSince is not null;

    /// <summary>Its process has ended.</summary>
    /// <param name="cause">As in <see cref="RecoveryNews.Cause"/>.</param>
    /// <param name="isPlanned">Somebody wanted it: no crash.</param>
    public RestartDecision OnEnded(TimeSpan now, string cause, bool isPlanned)
    {
        RestartDecision decision = isPlanned ? new RestartDecision(!Policy.HasGivenUp, TimeSpan.Zero, 0) : Policy.OnCrash(now);
        // While it is down, the time runs from the first death; the user is told of the last.
        _downSince ??= now;
        _cause = cause;
        _crashes = decision.Crashes;
        return decision;
    }

    /// <summary>The new process works.</summary>
    /// <returns>Null if none was awaited.</returns>
    public RecoveryNews? OnWorking(TimeSpan now)
    {
        if (_downSince is not { } since)
        {
            return null;
        }

        _downSince = null;
        return News(RecoveryStep.Restarted, now - since);
    }

    public RecoveryNews News(RecoveryStep step, TimeSpan? took = null) => new(role, step, _cause, _crashes, Policy.Limits, took);
}
