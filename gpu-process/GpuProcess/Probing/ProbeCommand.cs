using SplitVmm.Diagnosis;
using SplitVmm.GpuProcess.Fences;
using SplitVmm.GpuProcess.Options;
using SplitVmm.GpuProcess.Rendering;
using SplitVmm.GpuProcess.Virgl;

namespace SplitVmm.GpuProcess.Probing;

/// <summary>
/// <c>gpu-process --probe</c>, for <c>splitvmm doctor</c>: asks the graphics libraries what they can do, in the process
/// that would load them, and in its cage. One question per process, because a library that is asked too much aborts.
/// </summary>
public static class ProbeCommand
{
    /// <summary>virglrenderer: its version and what it was built with.</summary>
    public const string Library = "library";

    /// <summary>What a guest would draw with.</summary>
    public const string Virgl = "virgl";

    /// <param name="what">One of the words above; anything else finds nothing.</param>
    /// <param name="renderNode">A path; null: the driver chooses.</param>
    public static ProbeReport Run(string what, string? renderNode)
    {
        var report = new ProbeReport();
        try
        {
            switch (what)
            {
                case Library:
                    LibraryProbe.Run(report);
                    break;
                case Virgl:
                    Draw(report, renderNode);
                    break;
                default:
                    report.Add(ProbeFact.Problem, $"'{what}' is nothing to look at; known are {Library} and {Virgl}");
                    break;
            }
        }
        catch (VirglException error)
        {
            report.Add(ProbeFact.Problem, error.Message);
        }

        return report;
    }

    private static void Draw(ProbeReport report, string? renderNode)
    {
        using var retired = new RetiredFences();
        using VirglRenderer renderer = VirglRenderer.Start(
            renderNode, ContextTypes.Virgl | ContextTypes.Virgl2, server: null, retired, Console.Error.WriteLine);
        report.Add(ProbeFact.GlRenderer, renderer.Identity.Renderer);
        report.Add(ProbeFact.GlVersion, renderer.Identity.GlVersion);
        foreach (Capset capset in renderer.Capsets)
        {
            report.Add(ProbeFact.Capset, capset.Id.ToString());
        }
    }
}
