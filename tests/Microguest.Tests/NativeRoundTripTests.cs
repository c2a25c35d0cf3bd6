using System.Globalization;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.Microguest.Tests;

/// <summary>
/// What a request of a native context costs the guest, beside virgl's empty fenced submission: of one run, with both renderers
/// in one gpu-process, whose GPU for native contexts is one of software.
/// </summary>
/// <remarks>Figures, not a verdict.</remarks>
[Trait("Tier", Tiers.Microguest)]
[Trait("Machine", "quiet")]
public sealed class NativeRoundTripTests(GpuRuntime runtime) : IClassFixture<GpuRuntime>
{
    private const string Reference = "empty_submit_fence";

    [Fact]
    public void Requests_AgainstVirglsEmptySubmission_PrintTheRatios()
    {
        string folder = Path.Combine(SourceTree.OutputFolder("native-round-trip"), "programs");
        RunResult installed = ChildProgram.Run(
            SourceTree.Path("tests", "GpuSoftware", "install"),
            [SourceTree.Path("out", "dist", "bin"), SourceTree.Path("out", "dist", "test", "gpu-software"), folder], TimeSpan.FromMinutes(1));
        Assert.True(installed.ExitStatus == 0, installed.StandardError);

        MicroguestRun run = MicroguestRun.Of(
            "bench kinds=3d,native count=2000", gpu: "context-types=virgl2:drm,blob=on,hostmem=256M", runtime: runtime,
            environment: new Dictionary<string, string> { ["SPLITVMM_LIBEXEC"] = folder, ["GPU_SOFTWARE_DRIVER"] = "asahi" });
        Verdict.Passed(run);

        IReadOnlyDictionary<string, double> times = GuestMetrics.Times(run.Result.StandardOutput);
        ITestOutputHelper output = TestContext.Current.TestOutputHelper!;
        output.WriteLine($"TABLE {"microseconds",-20} {"p50",8} {"p99",8}   to {Reference}: p50, p99");
        foreach (string name in (string[])[Reference, "native_async", "native_sync"])
        {
            (double half, double most) = (times[name + "_p50"], times[name + "_p99"]);
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"TABLE {name,-20} {half / 1000,8:F1} {most / 1000,8:F1}   {half / times[Reference + "_p50"],6:F2} {most / times[Reference + "_p99"],6:F2}"));
        }
    }
}
