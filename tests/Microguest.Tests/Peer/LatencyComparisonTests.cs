using System.Globalization;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.Microguest.Tests.Peer;

/// <summary>
/// What mapping, unmapping and an empty fenced submission cost the guest, under QEMU and under SplitVmm: the same guest, KVM
/// and renderer, in turns, so that what else this machine does meets both.
/// </summary>
/// <remarks>Figures, not a verdict. <c>SPLITVMM_LATENCY</c> is the number of turns.</remarks>
[Trait("Tier", Tiers.Peers)]
[Trait("Machine", "quiet")]
public sealed class LatencyComparisonTests
{
    private const string Bench = "bench kinds=3d,blobs count=2000";

    private static readonly string[] s_measured =
    [
        "blob_map_4k", "blob_map_1m", "blob_map_16m", "blob_unmap_4k", "blob_unmap_1m", "blob_unmap_16m", "empty_submit_fence",
    ];

    [Fact]
    public void LatencyAgainstQemu_PrintsTheRatios()
    {
        int turns = int.Parse(Environment.GetEnvironmentVariable("SPLITVMM_LATENCY") ?? "3", CultureInfo.InvariantCulture);
        using var qemu = new PeerQemu();
        var runtime = new GpuRuntime(PeerQemu.Image);
        var ours = new List<IReadOnlyDictionary<string, double>>();
        var theirs = new List<IReadOnlyDictionary<string, double>>();
        using var undisturbed = new UndisturbedRuns();
        for (int i = 0; i < turns; i++)
        {
            theirs.Add(GuestMetrics.Times(qemu.Run(Bench)));
            MicroguestRun run = MicroguestRun.Of(Bench, gpu: "blob=on,hostmem=256M", runtime: runtime);
            Verdict.Passed(run);
            ours.Add(GuestMetrics.Times(run.Result.StandardOutput));
        }

        ITestOutputHelper output = TestContext.Current.TestOutputHelper!;
        output.WriteLine($"TABLE {qemu.Version}, {(undisturbed.IsInForce ? "both before all other work of the machine" : "beside whatever else ran")}");
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"TABLE {$"microseconds, {turns} turns",-28} median: SplitVmm     QEMU  ratio   best: SplitVmm     QEMU  ratio"));
        foreach (string name in s_measured.SelectMany(name => (string[])[name + "_p50", name + "_p99"]))
        {
            double[] mine = Sorted(ours, name);
            double[] other = Sorted(theirs, name);
            output.WriteLine($"TABLE {name,-28}        {Pair(mine[turns / 2], other[turns / 2])}        {Pair(mine[0], other[0])}");
        }
    }

    private static double[] Sorted(List<IReadOnlyDictionary<string, double>> turns, string name) =>
        [.. turns.Select(turn => turn[name]).Order()];

    private static string Pair(double ours, double theirs) =>
        string.Create(CultureInfo.InvariantCulture, $"{ours / 1000,9:F1} {theirs / 1000,8:F1} {ours / theirs,6:F2}");
}
