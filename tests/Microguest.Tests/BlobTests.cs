using SplitVmm.Harness;
using SplitVmm.Microguest.Tests.Chaos;
using Xunit;

namespace SplitVmm.Microguest.Tests;

/// <summary>
/// The host-visible window under a guest that maps memory of gpu-process into it, 4 KiB to 64 MiB, and 65536 times at
/// random while its second processor reads the window.
/// </summary>
[Trait("Tier", Tiers.Microguest)]
public sealed class BlobTests
{
    private const string Gpu = "virgl=off,blob=on,hostmem=256M";

    [Fact]
    public void Window_MappedAtRandom_ShowsWhatIsMapped()
    {
        MicroguestRun run = MicroguestRun.Of("blob", cpus: 2, gpu: Gpu);
        Verdict.Passed(run);
        string reads = Assert.Single(run.Result.StandardOutput.Split('\n'), line => line.Contains("blob reads=", StringComparison.Ordinal));
        Assert.DoesNotContain("seen=0", reads, StringComparison.Ordinal);
        Assert.DoesNotContain("was gone", run.Result.StandardError, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("fuzz seed=11 count=50000")]
    [InlineData("fuzz kinds=commands seed=12 count=100000")]
    public void Rubbish_WithBlobs_IsAnswered(string test) => Verdict.Passed(MicroguestRun.Of(test, gpu: "virgl=off,blob=on,hostmem=64M"));

    /// <summary>Every byte that the guest wrote through the window is read in gpu-process: pictures of 4 KiB, 250 KiB and 64 MiB.</summary>
    [Theory]
    [InlineData(32, 32, 1500)]
    [InlineData(320, 200, 1500)]
    [InlineData(4096, 4096, 12000)]
    public void Picture_WrittenThroughTheWindow_IsShown(int width, int height, int hold)
    {
        // The guest waits after each picture; the last one is written when it ends.
        MicroguestRun run = MicroguestRun.Of($"blob count=100 width={width} height={height} hold={hold}", gpu: Gpu);
        Verdict.Passed(run);
        string line = Assert.Single(
            run.Result.StandardOutput.Split('\n'), line => line.Contains("MG: picture blob-host", StringComparison.Ordinal));
        Assert.EndsWith("crc32=" + Picture.TryRead(Path.Combine(run.Frames, "latest.png"))!.Crc(), line.Trim(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("virgl=off,hostmem=256M", "add blob=on")]
    [InlineData("blob=on,hostmem=256M,drm_native_context=on", "drm_native_context=on needs a render node")]
    public void Start_WithWhatCannotBeHad_FailsAndSaysWhy(string gpu, string reason)
    {
        MicroguestRun run = MicroguestRun.Of("blob", gpu: gpu);
        Assert.NotEqual(0, run.Result.ExitStatus);
        Assert.Contains(reason, run.Transcript, StringComparison.Ordinal);
        Assert.DoesNotContain("MG: start", run.Result.StandardOutput, StringComparison.Ordinal);
    }

    [Fact]
    public void Bench_PrintsWhatMapsCost()
    {
        MicroguestRun run = MicroguestRun.Of("bench count=500", gpu: Gpu);
        Verdict.Passed(run);
        string[] metrics = [.. run.Metrics().Where(metric => metric.StartsWith("blob_", StringComparison.Ordinal))];
        Assert.NotEmpty(metrics);
        foreach (string metric in metrics)
        {
            TestContext.Current.TestOutputHelper!.WriteLine("METRIC microguest " + metric);
        }
    }
}
