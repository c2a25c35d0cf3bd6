using System.Globalization;
using System.Text.Json;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.Lab.Tests;

/// <summary>
/// The same guest and job under QEMU's virtio-gpu-gl and under SplitVmm, whose frames go by dma-buf, insisted on, and as it chooses itself, which
/// is by memfd: each with a small window on weston, one after the other.
/// </summary>
[Trait("Tier", Tiers.Lab)]
[Trait("Machine", "quiet")]
public sealed class PeerComparisonTests(LabMachine lab)
{
    // As many as the job draws.
    private const int CubeFrames = 20;
    private const int Flips = 30;

    // Figures, not a verdict: how fast either is depends on the machine, and only the ratio says something.
    [Fact]
    public void Frames_AgainstQemu_PrintsTheRatios()
    {
        lab.Start();
        const string Status = "$($HOME/dist/splitvmm status --json)";
        var guest = new Guest("compare-dmabuf", "frames")
        {
            Display = "sdl,renderer=accelerated,size=640x480",
            QemuGpu = "virtio-gpu-gl-pci,xres=640,yres=480",
            IsOnWeston = true,
            Files = [GuestProgram.Build("flipguest", SourceTree.OutputFolder("flipguest"))],
            OnRun =
            [
                // Until there are pictures in the window, too.
                $"before=until echo \"{Status}\" | grep -q \"frames.:[1-9]\"; do sleep 1; done; echo \"status before {Status}\"",
                $"after=echo \"status after {Status}\"",
            ],
            Deadline = TimeSpan.FromMinutes(6),
        };
        GuestRun dmaBuf = guest.RunUnderSplitVmm();
        // Not told how to draw, the window takes no dma-bufs of the renderer where the CPU would have to draw them.
        GuestRun memFd = (guest with { Name = "compare-memfd", Display = "sdl,size=640x480" }).RunUnderSplitVmm();
        GuestRun theirs = (guest with { Name = "compare-qemu", OnRun = ["before=true", "after=true"] }).RunUnderQemu();
        GuestRun[] runs = [dmaBuf, memFd, theirs];

        PrintRatios(runs);
        PrintOwn(dmaBuf, memFd);
        Assert.All(runs, run => Assert.Contains("+virgl", run.Console, StringComparison.Ordinal));
        Assert.All(runs, run => Assert.Contains("flipguest: begins, 640x480", run.Console, StringComparison.Ordinal));
        Assert.Equal(["dma-buf", "memfd"], runs.Take(2).Select(run => StatusOf(run, "after").GetProperty("frameTransport").GetString()));
        Assert.Equal(
            ["imported by the display", "the display reads dma-bufs by CPU, which memory of a renderer is not for"],
            runs.Take(2).Select(run => StatusOf(run, "after").GetProperty("frameTransportReason").GetString()));
        Assert.Equal((0, 0), (CopiesOf(dmaBuf, "gpuCopies"), CopiesOf(dmaBuf, "displayCopies")));
    }

    private static void PrintRatios(GuestRun[] runs)
    {
        Print("in the lab, under weston", "dma-buf", "memfd", "QEMU", "ratios");
        void Row(string what, Func<GuestRun, double> of)
        {
            double[] values = [.. runs.Select(of)];
            Print(what, [.. values.Append(values[0] / values[2]).Append(values[1] / values[2]).Select(value => value.ToString("F2", CultureInfo.InvariantCulture))]);
        }

        Row("kmscube, frames per second", run => Number(run, $@"Rendered {CubeFrames - 1} frames in [0-9.]+ sec \(([0-9.]+) fps\)"));
        Row("flips of plain pictures per second", run => Number(run, $@"flipguest: {Flips} flips, ([0-9.]+) per second"));
        Row("flip until a fence behind it, p50, ms", run => Number(run, @"flip ([0-9.]+) [0-9.]+ ms"));
        Row("the same, p90", run => Number(run, @"flip [0-9.]+ ([0-9.]+) ms"));
        Row("such a fence alone, p50, ms", run => Number(run, @"fence ([0-9.]+) [0-9.]+ ms"));
        Row("CPU with a still picture, percent", run => 100 * Number(run, @"cpu idle: ([0-9.]+) s") / Number(run, @"cpu idle: [0-9.]+ s in ([0-9.]+) s"));
        Row("start to kmscube's first mode set, s", run => run.SecondsTo("Using display"));
    }

    // What QEMU does not tell of itself.
    private static void PrintOwn(GuestRun dmaBuf, GuestRun memFd)
    {
        void Row(string what, Func<GuestRun, double> of) => Print(
            what, [.. new[] { dmaBuf, memFd }.Select(run => of(run).ToString("F2", CultureInfo.InvariantCulture))]);
        Row("copies for a frame, gpu-process", run => CopiesOf(run, "gpuCopies"));
        Row("copies for a frame, display-process", run => CopiesOf(run, "displayCopies"));
        Row("flush to presented, p50, ms", run => StatusOf(run, "after").GetProperty("frameLatencyMicroseconds").GetInt32() / 1e3);
        Row("the same, p99", run => StatusOf(run, "after").GetProperty("frameLatencyP99Microseconds").GetInt32() / 1e3);
        Row("of the guest's frames, shown, percent", run => 100 * Between(run, "frames") / (CubeFrames + Flips));
    }

    private static double CopiesOf(GuestRun run, string counter) => Between(run, counter) / Between(run, "framesReceived");

    private static double Between(GuestRun run, string counter) =>
        StatusOf(run, "after").GetProperty(counter).GetDouble() - StatusOf(run, "before").GetProperty(counter).GetDouble();

    private static void Print(string what, params string[] values) => TestContext.Current.TestOutputHelper!.WriteLine(
        $"TABLE {what,-40}{string.Concat(values.Select(value => $" {value,8}"))}");

    private static double Number(GuestRun run, string pattern) => double.Parse(run.Find(pattern), CultureInfo.InvariantCulture);

    private static JsonElement StatusOf(GuestRun run, string name) =>
        JsonDocument.Parse(run.Find($@"drive: status {name} (\{{.*\}})")).RootElement;
}
