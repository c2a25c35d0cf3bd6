namespace SplitVmm.DesktopService.Supervision.Recovery;

/// <summary>How far the recovery of a process is.</summary>
internal enum RecoveryStep
{
    /// <summary>It has ended; a start follows.</summary>
    Down,

    /// <summary>A new one does its work.</summary>
    Restarted,

    /// <summary>It died too often: no start follows.</summary>
    GivenUp,
}

/// <summary>Something that the user should know of a process that was replaced.</summary>
/// <param name="Role">Which process.</param>
/// <param name="Step">How far it is.</param>
/// <param name="Cause">What happened to it, after its name: <c>died (signal 9)</c>.</param>
/// <param name="Crashes">Its deaths within the window; 0 for a restart on request.</param>
/// <param name="Limits">What is survived.</param>
/// <param name="Took">From the end of the old process until the new one worked; null before.</param>
internal sealed record RecoveryNews(
    ProcessRole Role, RecoveryStep Step, string Cause, int Crashes, RestartLimits Limits, TimeSpan? Took)
{
    /// <summary>Somebody asked for the end of the process: no crash.</summary>
    public bool IsPlanned => Crashes == 0;

    /// <summary>One line for the user.</summary>
    public override string ToString()
    {
        string count = IsPlanned
            ? ""
            : FormattableString.Invariant($" ({Crashes} of {Limits.Crashes} in {Limits.Window.TotalSeconds:0} s)");
        return Step switch
        {
            RecoveryStep.Down => $"{Role.Name()} {Cause}, restarting{count}",
            RecoveryStep.Restarted => FormattableString.Invariant($"{Role.Name()} {Cause}, restarted in {Took?.TotalMilliseconds:0} ms{count}"),
            _ => FormattableString.Invariant($"{Role.Name()} {Cause}, {TooOften}"),
        };
    }

    private string TooOften => Limits.Crashes == 0
        ? "and is not restarted (--crash-quota)"
        : FormattableString.Invariant($"for the {Crashes}. time in {Limits.Window.TotalSeconds:0} s, and is not restarted any more");
}
