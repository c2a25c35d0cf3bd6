namespace SplitVmm.DesktopService.Sandboxing.Policies;

/// <summary>What happens when a call of a group is made.</summary>
internal enum CallGroupKind
{
    Allow,

    /// <summary>It fails with an error number that lets libraries go on.</summary>
    Refuse,

    /// <summary>No version of the program makes it: who does has taken the process over, and the process ends by SIGSYS.</summary>
    Kill,
}

/// <summary>System calls that stand in a policy for one reason.</summary>
/// <param name="Kind">What happens.</param>
/// <param name="Why">The reason, for the reviewer.</param>
/// <param name="FromStart">True: from the first instruction on; false: once the process serves.</param>
/// <param name="Errno">Error number of <see cref="CallGroupKind.Refuse"/>.</param>
/// <param name="Calls">The rules.</param>
/// <param name="Line">Of the file.</param>
internal sealed record CallGroup(
    CallGroupKind Kind, string Why, bool FromStart, int Errno, IReadOnlyList<CallRule> Calls, int Line)
{
    /// <summary>The group is for hosts that have this device only; null: for all.</summary>
    public string? With { get; init; }

    /// <summary>The group is for hosts that do not have this device only; null: for all.</summary>
    public string? Without { get; init; }
}
