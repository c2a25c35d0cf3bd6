using System.Globalization;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.Lab.Tests;

/// <summary>An unmodified Debian guest boots with 4 CPUs, shows text, sets a mode, draws by virgl, and powers off.</summary>
[Trait("Tier", Tiers.Lab)]
public sealed class DesktopTests(DesktopBoot boot) : IClassFixture<DesktopBoot>
{
    [Fact]
    public void Boot_FourCpusAndFourGigabytes_AreSeenByTheGuest()
    {
        GuestRun run = boot.Run;

        Assert.Contains("cpus online: 4", run.Console, StringComparison.Ordinal);
        long kibibytes = long.Parse(run.Find(@"MemTotal: +(\d+) kB"), CultureInfo.InvariantCulture);
        Assert.InRange(kibibytes, 3_600_000, 4_194_304);
        Assert.Contains("clock source: kvm-clock", run.Console, StringComparison.Ordinal);
    }

    [Fact]
    public void Boot_VirtioGpu_OffersVirgl() =>
        Assert.Contains("+virgl", boot.Run.Console, StringComparison.Ordinal);

    [Fact]
    public void TextConsole_CanBeReadFromTheFrame()
    {
        GuestRun run = boot.Run;
        int rows = int.Parse(run.Find(@"@cells (\d+) \d+"), CultureInfo.InvariantCulture);
        int columns = int.Parse(run.Find(@"@cells \d+ (\d+)"), CultureInfo.InvariantCulture);

        var text = new ConsoleText(run.Shot("console"), rows, columns);

        Assert.Equal(ConsoleText.Calibration.Length, text.DistinctGlyphs);
        Assert.Equal("Sphinx of black quartz, judge my vow: 0123456789 {[(<#>)]}", text.Row(1));
        Assert.Equal(["1", "2", "3", "4", "5"], [text.Row(2), text.Row(3), text.Row(4), text.Row(5), text.Row(6)]);
    }

    [Fact]
    public void Modetest_SetsAMode_AndItsPatternIsShown()
    {
        GuestRun run = boot.Run;

        Assert.Contains("modetest ended with 0", run.Console, StringComparison.Ordinal);
        // The SMPTE pattern's bars: each of these fills a seventh of the upper part.
        Picture picture = run.Shot("modetest");
        foreach (int colour in (int[])[0xC0C0C0, 0xC0C000, 0x00C0C0, 0x00C000, 0xC000C0, 0xC00000, 0x0000C0])
        {
            Assert.InRange(picture.Share(pixel => pixel == colour), 0.05, 0.25);
        }
    }

    [Fact]
    public void Kmscube_TwoHundredFrames_ShowsAShadedCube()
    {
        GuestRun run = boot.Run;

        Assert.Contains("kmscube ended with 0", run.Console, StringComparison.Ordinal);
        string fps = run.Find(@"Rendered 199 frames in [0-9.]+ sec \(([0-9.]+) fps\)");
        TestContext.Current.TestOutputHelper!.WriteLine($"METRIC kmscube fps, headless display: {fps}");
        Picture picture = run.Shot("kmscube");
        // Grey background, and a cube whose faces are shaded: hundreds of colours that are not grey.
        Assert.InRange(picture.Share(pixel => pixel == 0x808080), 0.3, 0.95);
        Assert.True(picture.CountDistinctColours() > 300, $"only {picture.CountDistinctColours()} colours");
    }

    [Fact]
    public void Glmark2_Build_GivesAScore() =>
        Assert.True(int.Parse(boot.Run.Find(@"glmark2 Score: (\d+)"), CultureInfo.InvariantCulture) > 0);

    [Fact]
    public void GuestKernel_ReportsNoGraphicsError()
    {
        Assert.DoesNotMatch("(?i)virtio_gpu.*(error|timeout|fail)|hung task|soft lockup|Oops", boot.Run.Console);
        Assert.Contains("desktop job ends", boot.Run.Console, StringComparison.Ordinal);
    }

    [Fact]
    public void PowerOff_LeavesNoProcessAndNoFile_WithinTwoSeconds()
    {
        GuestRun run = boot.Run;

        Assert.False(run.TimedOut);
        Assert.Equal(0, run.ExitStatus);
        Assert.Empty(run.ProcessesLeft);
        Assert.InRange(run.GoneAfterSeconds, 0, 2);
        Assert.Empty(run.FilesLeft);
    }
}
