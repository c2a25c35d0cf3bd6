using SplitVmm.GpuProcess.Tests.Rig;
using SplitVmm.Harness;
using SplitVmm.Hosting;
using Xunit;

namespace SplitVmm.GpuProcess.Tests.Venus;

/// <summary>A start that asks for Venus and cannot have it.</summary>
[Trait("Tier", Tiers.Peers)]
public sealed class VenusRefusalTests
{
    [Theory]
    [InlineData("blob=on,hostmem=64M,venus=on", "package virgl-server")]
    [InlineData("context-types=virgl2:venus,blob=on,hostmem=64M", "--venus-fd N")]
    [InlineData("virgl=off,venus=on,blob=on,hostmem=64M", "needs OpenGL beside it")]
    public void Start_OfWhatCannotBeHad_EndsWithOneLine(string gpu, string reason)
    {
        using RuntimeGpu process = RuntimeGpu.Start(RuntimeGpu.Trixie, gpu);
        RunResult result = process.WaitForExit();

        Assert.Equal(ExitStatus.HostUnfit, result.ExitStatus);
        Assert.Contains(reason, Assert.Single(result.StandardError.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }

    [Fact]
    public void Start_WithAServerThatIsGone_EndsWithAReason()
    {
        using RuntimeGpu process = RuntimeGpu.StartWithVenus(RuntimeGpu.Trixie, "blob=on,hostmem=64M,venus=on", killed: true);
        RunResult result = process.WaitForExit();

        Assert.Equal(ExitStatus.HostUnfit, result.ExitStatus);
        Assert.Contains("does not start on EGL (surfaceless) with virgl_render_server", result.StandardError, StringComparison.Ordinal);
    }
}
