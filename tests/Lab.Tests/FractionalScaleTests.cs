using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.Lab.Tests;

/// <summary>A window on a Wayland desktop that draws three pixels for two points: the guest has the pixels, and each is shown as it is.</summary>
[Trait("Tier", Tiers.Lab)]
public sealed class FractionalScaleTests(LabMachine lab)
{
    private const string Look =
        "$HOME/scripts/await-still; grim -l 1 -o HEADLESS-1 shots/output-NAME.png; $HOME/dist/splitvmm screenshot shots/NAME.png";

    [Fact]
    public void Guest_HasTheWindowsPixels_AlsoWhenTheWindowOrItsScaleChanges()
    {
        lab.Start();

        GuestRun run = new Guest("fractional", "fractional")
        {
            Display = "sdl,size=1280x800,renderer=accelerated",
            SwayScale = 1.5,
            Options = "--gpu virgl=off,blob=on",
            OnRun =
            [
                $"first={LookAt("first")}",
                "resize=swaymsg \"[floating] resize set 601 401, move absolute position 0 0\"",
                $"after-resize={LookAt("after-resize")}",
                "rescale=swaymsg output HEADLESS-1 scale 2",
                $"after-rescale={LookAt("after-rescale")}",
            ],
        }.RunUnderSplitVmm();

        // 601x401 points are 901.5x601.5 pixels at one and a half, and 1202x802 at two.
        AssertShown(run, "first", 1280, 800);
        AssertShown(run, "after-resize", 902, 602);
        AssertShown(run, "after-rescale", 1202, 802);
        Assert.Contains("fractional job ends", run.Console, StringComparison.Ordinal);
        Assert.DoesNotMatch("(?i)virtio_gpu.*(error|timeout|fail|response)|hung task|soft lockup|Oops", run.Console);
        Assert.Equal(0, run.ExitStatus);
    }

    /// <summary>The tests of display-process that need such a desktop, which older releases of Debian lack.</summary>
    [Fact]
    public void Windows_OfDisplayProcess_CountInPixels()
    {
        lab.Start();
        const string Program = "SplitVmm.DisplayProcess.Tests";
        // They are built to where these tests are.
        string path = Path.Combine(
            AppContext.BaseDirectory.Replace(typeof(FractionalScaleTests).Assembly.GetName().Name!, Program, StringComparison.Ordinal), Program);
        RunResult result = LabMachine.Persist("fractional windows", () => LabMachine.Run(
            $"/repo/{Path.GetRelativePath(SourceTree.Root, path)} -noLogo -noColor -class SplitVmm.DisplayProcess.Tests.Windows.FractionalDesktopTests",
            TimeSpan.FromMinutes(5)));

        Assert.True(result.StandardOutput.Contains("Total: 7, Errors: 0, Failed: 0, Skipped: 0", StringComparison.Ordinal), result.StandardOutput + result.StandardError);
    }

    private static string LookAt(string name) => Look.Replace("NAME", name, StringComparison.Ordinal);

    private static void AssertShown(GuestRun run, string name, int width, int height)
    {
        Assert.Equal($"{width}x{height}", run.Find($@"mode {name}: (\S+)"));
        Picture guest = run.Shot(name);
        Assert.Equal((width, height), (guest.Width, guest.Height));
        // A bar of modetest's pattern.
        Assert.InRange(guest.Share(pixel => pixel == 0xC0C0C0), 0.05, 0.25);
        Assert.Equal(0, guest.CountDifferent(run.Shot($"output-{name}")));
    }
}
