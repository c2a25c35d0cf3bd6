using System.Globalization;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.Lab.Tests;

/// <summary>The same guest and job under QEMU's virtio-gpu-gl and under SplitVmm, each with a window, one after the other.</summary>
[Trait("Tier", Tiers.Lab)]
[Trait("Machine", "quiet")]
public sealed class PeerComparisonTests(LabMachine lab)
{
    // Figures, not a verdict: how fast either is depends on the machine, and only the ratio says something.
    [Fact]
    public void Kmscube_AgainstQemu_PrintsTheRatios()
    {
        lab.Start();

        Guest guest = new("compare-splitvmm", "cube") { Display = "sdl", Deadline = TimeSpan.FromMinutes(6) };
        GuestRun ours = guest.RunUnderSplitVmm();
        GuestRun theirs = (guest with { Name = "compare-qemu" }).RunUnderQemu();

        double Fps(GuestRun run) => double.Parse(
            run.Find(@"Rendered 59 frames in [0-9.]+ sec \(([0-9.]+) fps\)"), CultureInfo.InvariantCulture);
        double FirstFrame(GuestRun run) => run.SecondsTo("Using display");
        Table(
            ("kmscube, frames per second", Fps(ours), Fps(theirs)),
            ("start to kmscube's first mode set, s", FirstFrame(ours), FirstFrame(theirs)));
        Assert.Contains("+virgl", ours.Console, StringComparison.Ordinal);
        Assert.Contains("+virgl", theirs.Console, StringComparison.Ordinal);
    }

    private static void Table(params (string What, double Ours, double Theirs)[] rows)
    {
        ITestOutputHelper output = TestContext.Current.TestOutputHelper!;
        output.WriteLine("TABLE in the lab                        SplitVmm     QEMU    ratio");
        foreach ((string what, double ours, double theirs) in rows)
        {
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"TABLE {what,-36} {ours,8:F2} {theirs,8:F2} {ours / theirs,8:F2}"));
        }
    }
}
