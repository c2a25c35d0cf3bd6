using SplitVmm.DesktopService.CommandLine;

namespace SplitVmm.DesktopService.Supervision.Recovery;

/// <summary>How long a process may show no sign of life, or gpu-process no progress, before it is taken to hang.</summary>
internal static class Patience
{
    private static readonly TimeSpan Usual = TimeSpan.FromSeconds(10);

    /// <summary>One call of a renderer in software may take seconds on a slow machine without being a hang.</summary>
    private static readonly TimeSpan SoftwareGl = TimeSpan.FromSeconds(60);

    private static readonly string[] s_softwareRenderers = ["llvmpipe", "softpipe", "swrast", "swr "];

    /// <param name="renderer">As gpu-process names it; null while it has not.</param>
    public static TimeSpan With(ProcessRole role, RunOptions options, string? renderer) => role switch
    {
        ProcessRole.Gpu => options.GpuHangTimeout ?? (IsSoftware(renderer) ? SoftwareGl : Usual),
        // OpenGL was insisted on, and nobody has found a GPU to draw by.
        ProcessRole.Display when options.Display.IsAccelerated && (renderer is null or "none" || IsSoftware(renderer)) => SoftwareGl,
        _ => Usual,
    };

    private static bool IsSoftware(string? renderer) =>
        renderer is not null && s_softwareRenderers.Any(name => renderer.Contains(name, StringComparison.OrdinalIgnoreCase));
}
