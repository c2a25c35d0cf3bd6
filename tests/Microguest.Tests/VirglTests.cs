using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.Microguest.Tests;

/// <summary>3D by virglrenderer 1.1 and llvmpipe, which the guest drives without Mesa and reads back.</summary>
[Trait("Tier", Tiers.Microguest)]
public sealed class VirglTests(GpuRuntime runtime) : IClassFixture<GpuRuntime>
{
    [Theory]
    [InlineData("gpu3d")]
    [InlineData("gpu2d")]
    [InlineData("fuzz virgl kinds=virgl,commands seed=3 count=20000")]
    public void Test_Over3D_Passes(string test) => Verdict.Passed(MicroguestRun.Of(test, gpu: "virgl=on", runtime: runtime));

    /// <summary>Blobs that virglrenderer knows too, where their memory is the guest's.</summary>
    [Fact]
    public void Blobs_Beside3D_AreTheSame() =>
        Verdict.Passed(MicroguestRun.Of("blob count=3000", cpus: 2, gpu: "virgl=on,blob=on,hostmem=256M", runtime: runtime));

    [Fact]
    public void Bench_PrintsWhatItMeasured()
    {
        MicroguestRun run = MicroguestRun.Of("bench count=500", gpu: "virgl=on", runtime: runtime);
        Verdict.Passed(run);
        string[] metrics = [.. run.Metrics()];
        Assert.NotEmpty(metrics);
        foreach (string metric in metrics)
        {
            TestContext.Current.TestOutputHelper!.WriteLine("METRIC microguest " + metric);
        }
    }
}
