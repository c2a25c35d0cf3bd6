using System.Globalization;
using System.Text.RegularExpressions;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.Lab.Tests;

/// <summary>An unmodified Debian guest goes on while the processes that serve it are killed.</summary>
[Trait("Tier", Tiers.Lab)]
public sealed partial class RecoveryTests(RecoveryBoot boot) : IClassFixture<RecoveryBoot>
{
    [Fact]
    public void EveryKill_IsReported_AndTheMachineEndsInGoodOrder()
    {
        GuestRun run = boot.Run;

        Assert.Contains("recovery job ends", run.Console, StringComparison.Ordinal);
        Assert.Equal(RecoveryBoot.GpuKills, run.Count("drive: killed gpu-process"));
        Assert.Equal(0, run.ExitStatus);
        Assert.Empty(run.ProcessesLeft);
        Assert.Empty(run.FilesLeft);
    }

    [Fact]
    public void TextConsole_IsIntactAfterAKill()
    {
        GuestRun run = boot.Run;
        int rows = int.Parse(run.Find(@"@cells (\d+) \d+"), CultureInfo.InvariantCulture);
        int columns = int.Parse(run.Find(@"@cells \d+ (\d+)"), CultureInfo.InvariantCulture);

        foreach (string shot in (string[])["text-before", "text-gpu", "text-display"])
        {
            var text = new ConsoleText(run.Shot(shot), rows, columns);
            Assert.Equal($"{shot}: Sphinx of black quartz, judge my vow: 0123456789 {{[(<#>)]}}", $"{shot}: {text.Row(1)}");
        }
    }

    [Fact]
    public void Kmscube_DrawsOn_ThroughTenKills()
    {
        GuestRun run = boot.Run;

        Assert.Contains("kmscube still draws", run.Console, StringComparison.Ordinal);
        double last = run.LastSecondsTo("drive: killed gpu-process (ten)");
        Assert.Contains(
            run.Console.Split('\n').Select(line => RenderedLine().Match(line)).Where(match => match.Success),
            match => double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) > last + 2);
        foreach (string shot in (string[])["cube-before", "cube-after"])
        {
            Picture picture = run.Shot(shot);
            Assert.InRange(picture.Share(pixel => pixel == 0x808080), 0.3, 0.95);
            Assert.True(picture.CountDistinctColours() > 300, $"{shot}: only {picture.CountDistinctColours()} colours");
        }
    }

    [Fact]
    public void Glmark2_EndsWithAScore_AcrossAKill()
    {
        // The score is in whole frames per second, and may be 0 on a CPU that is emulated and busy.
        _ = boot.Run.Find(@"glmark2 Score: (\d+)");
        Assert.Contains("glmark2 ended with 0", boot.Run.Console, StringComparison.Ordinal);
        double killed = boot.Run.LastSecondsTo("drive: killed gpu-process (glmark2)");
        double scored = boot.Run.LastSecondsTo("glmark2 Score:");
        Assert.InRange(scored, killed, double.MaxValue);
        // It cannot have got to its end without the new process: each of its frames waits for the one before.
        Assert.InRange(boot.Run.LastSecondsTo("the Gpu device is served again"), killed, scored);
        // Milliseconds for a frame: there were several in the scene's 10 s.
        Assert.InRange(double.Parse(boot.Run.Find(@"FPS: \d+ FrameTime: ([0-9.]+) ms"), CultureInfo.InvariantCulture), 0.1, 5000);
    }

    [Fact]
    public void GuestKernel_ReportsNoGraphicsError() =>
        Assert.DoesNotMatch("(?i)virtio_gpu.*(error|timeout|fail)|hung task|soft lockup|Oops", boot.Run.Console);

    [GeneratedRegex(@"^\[ *([0-9.]+)\] out: Rendered \d+ frames")]
    private static partial Regex RenderedLine();
}
