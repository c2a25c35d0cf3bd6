using SplitVmm.Diagnosis;
using SplitVmm.DisplayProcess.Backends.Sdl;

namespace SplitVmm.DisplayProcess.Hosting;

/// <summary><c>display-process --probe</c>, for <c>splitvmm doctor</c>: whether a window could be opened. None is.</summary>
public static class ProbeCommand
{
    public static ProbeReport Run()
    {
        var report = new ProbeReport();
        try
        {
            report.Add(ProbeFact.Sdl, new SdlVideo(RendererKind.Software).Description);
        }
        catch (DisplayException error)
        {
            report.Add(ProbeFact.Problem, error.Message);
        }

        return report;
    }
}
