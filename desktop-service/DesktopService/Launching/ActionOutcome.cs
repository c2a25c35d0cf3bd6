namespace SplitVmm.DesktopService.Launching;

/// <summary>What came of something that was asked of a machine.</summary>
internal enum ActionStatus
{
    Done,

    /// <summary>Nothing of that name runs or is defined.</summary>
    NoSuchMachine,

    /// <summary>The definition has mistakes.</summary>
    InvalidDefinition,

    AlreadyRunning,

    NotRunning,

    /// <summary>It was tried, and did not work.</summary>
    Failed,
}

/// <param name="Status">How it went.</param>
/// <param name="Text">One line for the user, also if it is done.</param>
internal sealed record ActionOutcome(ActionStatus Status, string Text)
{
    public bool IsDone => Status == ActionStatus.Done;
}
