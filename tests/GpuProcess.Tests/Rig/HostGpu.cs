using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.GpuProcess.Tests.Rig;

/// <summary>What this host draws by: its virglrenderer, its EGL, and the GPU that EGL takes by itself.</summary>
internal static class HostGpu
{
    private static readonly Lazy<(string? Renderer, string Problem)> s_probed = new(Probe);

    /// <summary>What OpenGL calls the GPU; skips the calling test where the host cannot draw.</summary>
    public static string Require()
    {
        if (s_probed.Value.Renderer is not { } renderer)
        {
            Assert.Skip($"this host does not render: {s_probed.Value.Problem}");
            return "";
        }

        return renderer;
    }

    private static (string? Renderer, string Problem) Probe()
    {
        RunResult run = ChildProgram.Run(SourceTree.Executable("gpu-process"), ["--probe", "virgl"], TimeSpan.FromSeconds(60));
        string[] facts = run.StandardOutput.Split('\n');
        return (ValueOf(facts, "gl.renderer"), ValueOf(facts, "problem") ?? $"gpu-process --probe virgl ended with {run.ExitStatus}");
    }

    private static string? ValueOf(string[] facts, string name) =>
        Array.Find(facts, fact => fact.StartsWith(name + "=", StringComparison.Ordinal))?[(name.Length + 1)..];
}
