using System.Text.Json;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.Lab.Tests;

/// <summary>Pages of the guest, made dma-bufs by /dev/udmabuf, in a window: the picture of the memfd path, without its copies.</summary>
[Trait("Tier", Tiers.Lab)]
public sealed class DmaBufTests(LabMachine lab)
{
    private const string Look = "echo \"status $($HOME/dist/splitvmm status --json)\"; $HOME/dist/splitvmm screenshot shots/window.png";
    private const string SecondWindow = "$(xdotool search --onlyvisible --name \"[(]2[)]\")";

    [Fact]
    public void UnderWeston_EglImportsThem_AndNobodyCopies()
    {
        GuestRun run = Run(new Guest("dmabuf-weston", "dmabuf")
        {
            Display = "sdl,renderer=accelerated",
            IsOnWeston = true,
            Options = "--gpu virgl=off,blob=on",
            OnRun = [$"look={Look}"],
        });
        JsonElement status = StatusOf(run);

        Assert.Equal("dma-buf, imported by the display", Transport(status));
        Assert.True(status.GetProperty("framesReceived").GetInt64() > 0);
        // The picture in the file was read back after this.
        Assert.Equal(0, status.GetProperty("displayCopies").GetInt64());
    }

    [Fact]
    public void UnderXvfb_WhoseEglImportsNone_TheyAreMapped_AndTheSecondWindowsSizeIsFollowed()
    {
        GuestRun run = Run(new Guest("dmabuf-x", "dmabuf-heads")
        {
            Display = "sdl,size=1280x800:800x600",
            Options = "--gpu virgl=off,blob=on,max_outputs=2",
            OnRun =
            [
                $"shown1=$HOME/scripts/await-still; {Look}",
                $"resize=xdotool windowsize {SecondWindow} 1000 700",
                $"shown2=$HOME/scripts/await-still; import -window {SecondWindow} shots/second.png; "
                    + "$HOME/dist/splitvmm screenshot --head 1 shots/second-of-guest.png",
            ],
        });
        JsonElement status = StatusOf(run);

        Assert.Equal("dma-buf, mapped by the display", Transport(status));
        // SDL's own, into the window's texture.
        Assert.InRange(status.GetProperty("displayCopies").GetInt64(), 1, status.GetProperty("framesReceived").GetInt64());
        Assert.Equal(("800x600", "1000x700"), (run.Find(@"second monitor before: \d+ (\S+)"), run.Find(@"second monitor after: \d+ (\S+)")));
        // What the guest drew is what the window shows, pixel by pixel: nothing is scaled.
        Picture second = run.Shot("second");
        Assert.Equal((1000, 700), (second.Width, second.Height));
        Assert.InRange(second.Share(pixel => pixel == 0xC0C0C0), 0.05, 0.25);
        AssertSame(run.Shot("second-of-guest"), second);
    }

    /// <summary>The lab has vgem, whose dma-bufs can be made to be written to for as long as a test wants.</summary>
    [Fact]
    public void FencesOfTheKernels_AreWaitedFor()
    {
        lab.Start();
        const string Program = "SplitVmm.GpuProcess.Tests";
        // They are built to where these tests are.
        string path = Path.Combine(AppContext.BaseDirectory.Replace(typeof(DmaBufTests).Assembly.GetName().Name!, Program, StringComparison.Ordinal), Program);
        RunResult result = LabMachine.Persist("fences", () => LabMachine.Run(
            $"/repo/{Path.GetRelativePath(SourceTree.Root, path)} -noLogo -noColor -class SplitVmm.GpuProcess.Tests.Scanouts.DmaBufFenceTests",
            TimeSpan.FromMinutes(5)));

        Assert.True(result.StandardOutput.Contains("Total: 2, Errors: 0, Failed: 0, Skipped: 0", StringComparison.Ordinal), result.StandardOutput + result.StandardError);
    }

    private GuestRun Run(Guest guest)
    {
        lab.Start();
        GuestRun run = guest.RunUnderSplitVmm();

        Assert.Equal(0, run.ExitStatus);
        Assert.Equal(0, StatusOf(run).GetProperty("gpuCopies").GetInt64());
        AssertSame(MemFdBlobs.Run.Shot("modetest"), run.Shot("window"));
        Assert.DoesNotMatch("(?i)virtio_gpu.*(error|timeout|fail|response)|hung task|soft lockup|Oops", run.Console);
        return run;
    }

    private static JsonElement StatusOf(GuestRun run) => JsonDocument.Parse(run.Find(@"drive: status (\{.*\})")).RootElement;

    private static string Transport(JsonElement status) =>
        $"{status.GetProperty("frameTransport").GetString()}, {status.GetProperty("frameTransportReason").GetString()}";

    private static void AssertSame(Picture expected, Picture actual)
    {
        Assert.Equal((expected.Width, expected.Height), (actual.Width, actual.Height));
        Assert.Equal(0, expected.CountDifferent(actual));
    }
}
