namespace SplitVmm.DesktopService.Sandboxing;

/// <summary>The value of <c>--sandbox</c>.</summary>
internal enum SandboxChoice
{
    On,

    /// <summary>For debugging: every process has all that its user has.</summary>
    Off,
}
