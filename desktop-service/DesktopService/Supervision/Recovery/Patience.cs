using SplitVmm.DesktopService.CommandLine;
using SplitVmm.Diagnosis;

namespace SplitVmm.DesktopService.Supervision.Recovery;

/// <summary>How long a process may show no sign of life, or gpu-process no progress, before it is taken to hang.</summary>
internal static class Patience
{
    private static readonly TimeSpan Usual = TimeSpan.FromSeconds(10);

    /// <summary>One call of a renderer in software may take seconds on a slow machine without being a hang.</summary>
    private static readonly TimeSpan WithSoftwareGl = TimeSpan.FromSeconds(60);

    /// <param name="renderer">As gpu-process names it; null while it has not.</param>
    public static TimeSpan With(ProcessRole role, RunOptions options, string? renderer) => role switch
    {
        ProcessRole.Gpu => options.GpuHangTimeout ?? (SoftwareGl.Draws(renderer) ? WithSoftwareGl : Usual),
        // OpenGL draws the window, and nobody has found a GPU to draw by.
        ProcessRole.Display when options.Display.MayDrawBySoftwareGl && (renderer is null or "none" || SoftwareGl.Draws(renderer)) => WithSoftwareGl,
        _ => Usual,
    };
}
