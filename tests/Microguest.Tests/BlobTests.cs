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

    private static readonly string[] s_pictures = ["blob-guest", "blob-host"];
    private static readonly string[] s_steps = ["begins", "done"];

    // The guest waits no longer.
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

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
    [InlineData(32, 32)]
    [InlineData(320, 200)]
    [InlineData(4096, 4096)]
    public void Picture_WrittenThroughTheWindow_IsShown(int width, int height)
    {
        // The guest waits after each picture, and before and after the maps at random.
        MicroguestRun run = MicroguestRun.Of($"blob count=100 width={width} height={height} hold=key", gpu: Gpu, meanwhile: (program, frames) =>
        {
            foreach (string picture in s_pictures)
            {
                string line = LineWith($"MG: picture {picture} ", program);
                string? shown = null;
                Assert.True(
                    SpinWait.SpinUntil(() => line.EndsWith("crc32=" + (shown = CrcOf(frames)), StringComparison.Ordinal), s_limit),
                    $"{line}, shown {shown}");
                program.WriteLine("");
            }

            foreach (string step in s_steps)
            {
                _ = LineWith($"MG: event blob random {step}", program);
                program.WriteLine("");
            }
        });
        Verdict.Passed(run);
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

    private static string LineWith(string text, ChildProgram program)
    {
        Assert.True(program.WaitForOutput(text, s_limit), $"{program.StandardOutput}\n{program.StandardError}");
        string output = program.StandardOutput;
        return output[output.IndexOf(text, StringComparison.Ordinal)..].Split('\n')[0].TrimEnd();
    }

    private static string? CrcOf(string frames)
    {
        // A large picture takes some time to read, and somebody has to write it.
        Thread.Sleep(100);
        return Picture.TryRead(Path.Combine(frames, "latest.png"))?.Crc();
    }
}
