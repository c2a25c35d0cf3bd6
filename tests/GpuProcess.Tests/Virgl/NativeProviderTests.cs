using SplitVmm.GpuProcess.Tests.Rig;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.GpuProcess.Tests.Virgl;

/// <summary>Native contexts of virglrenderer where the library has none, as Debian builds it: the start fails and says so.</summary>
[Trait("Tier", Tiers.Peers)]
public sealed class NativeProviderTests
{
    private const string Gpu = "drm_native_context=on,native=virglrenderer,blob=on,hostmem=256M";

    [Theory]
    [InlineData(RuntimeGpu.Trixie)]
    [InlineData(RuntimeGpu.Forky)]
    public void Start_LibraryBuiltWithout_SaysSo(string image)
    {
        RunResult run = RuntimeGpu.RunToEnd(image, Gpu, "--dir", "/dev/dri", "--dev-bind", "/dev/null", "/dev/dri/renderD128");
        Assert.Equal(3, run.ExitStatus);
        Assert.Contains("--gpu native=virglrenderer: the library does not start with DRM native contexts", run.StandardError, StringComparison.Ordinal);
        Assert.Contains("leave native away", run.StandardError, StringComparison.Ordinal);
    }

    [Fact]
    public void Start_NoRenderNode_SaysSo()
    {
        RunResult run = RuntimeGpu.RunToEnd(RuntimeGpu.Trixie, Gpu);
        Assert.Equal(3, run.ExitStatus);
        Assert.Contains("needs a render node that this user may open, and /dev/dri is none", run.StandardError, StringComparison.Ordinal);
    }
}
