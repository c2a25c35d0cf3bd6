using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.Microguest.Tests;

/// <summary>
/// A machine with each kind of GPU that <c>--gpu</c> can ask for: what the guest finds is what was asked for, or the
/// machine does not start and says why. Which texts are well formed is a matter of OptionCombinationTests.
/// </summary>
[Trait("Tier", Tiers.Microguest)]
public sealed class StartTests(GpuRuntime runtime) : IClassFixture<GpuRuntime>
{
    [Theory]
    [InlineData("virgl=off", false, false)]
    [InlineData("virgl=off,edid=off,max_outputs=4", false, false)]
    [InlineData("virgl=off,blob=on", false, false)]
    [InlineData("virgl=off,blob=on,hostmem=64M", true, false)]
    [InlineData("virgl=on", false, true)]
    [InlineData("blob=on", false, true)]
    [InlineData("blob=on,hostmem=64M", true, true)]
    [InlineData("context-types=virgl2", false, true)]
    [InlineData("context-types=virgl:virgl2,blob=on,hostmem=64M,venus=off,drm_native_context=off", true, true)]
    public void Start_Combination_GivesTheGuestWhatWasAskedFor(string gpu, bool window, bool virgl)
    {
        MicroguestRun run = MicroguestRun.Of("blob,gpu3d count=50", gpu: gpu, runtime: runtime);

        Assert.True(run.Result.ExitStatus == 0, run.Transcript);
        Assert.DoesNotContain("MG: fail", run.Result.StandardOutput, StringComparison.Ordinal);
        Assert.Contains($"MG: {(window ? "ok" : "skip")} blob ", run.Result.StandardOutput, StringComparison.Ordinal);
        Assert.Contains($"MG: {(virgl ? "ok" : "skip")} gpu3d ", run.Result.StandardOutput, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("virgl=off,hostmem=64M", "add blob=on")]
    [InlineData("blob=on,hostmem=3G", "hostmem is a power of two")]
    [InlineData("context-types=virgl2,virgl=off", "contradict each other")]
    [InlineData("context-types=vulkan", "context-types is names with colons between")]
    [InlineData("venus=on", "add blob=on,hostmem=SIZE")]
    [InlineData("drm_native_context=on,blob=on", "add blob=on,hostmem=SIZE")]
    [InlineData("blobs=on", "did you mean blob?")]
    public void Start_Contradiction_FailsAndSaysWhy(string gpu, string reason)
    {
        MicroguestRun run = MicroguestRun.Of("blob", gpu: gpu, runtime: runtime);

        Assert.NotEqual(0, run.Result.ExitStatus);
        Assert.Contains(reason, run.Transcript, StringComparison.Ordinal);
        Assert.DoesNotContain("MG: start", run.Result.StandardOutput, StringComparison.Ordinal);
    }
}
