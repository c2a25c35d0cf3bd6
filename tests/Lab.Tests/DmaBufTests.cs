using System.Text.Json;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.Lab.Tests;

/// <summary>Pages of the guest, made dma-bufs by /dev/udmabuf, in a window: the picture of the memfd path, without its copies.</summary>
[Trait("Tier", Tiers.Lab)]
public sealed class DmaBufTests(LabMachine lab)
{
    private const string Look =
        "look=echo \"status $($HOME/dist/splitvmm status --json)\"; $HOME/dist/splitvmm screenshot shots/window.png";

    [Fact]
    public void UnderWeston_EglImportsThem_AndNobodyCopies()
    {
        GuestRun run = Run("dmabuf-weston", "sdl,renderer=accelerated", isOnWeston: true);
        JsonElement status = StatusOf(run);

        Assert.Equal("dma-buf, imported by the display", Transport(status));
        Assert.True(status.GetProperty("framesReceived").GetInt64() > 0);
        // The picture in the file was read back after this.
        Assert.Equal(0, status.GetProperty("displayCopies").GetInt64());
    }

    [Fact]
    public void UnderXvfb_WhoseEglImportsNone_TheyAreMapped()
    {
        GuestRun run = Run("dmabuf-x", "sdl", isOnWeston: false);
        JsonElement status = StatusOf(run);

        Assert.Equal("dma-buf, mapped by the display", Transport(status));
        // SDL's own, into the window's texture.
        Assert.InRange(status.GetProperty("displayCopies").GetInt64(), 1, status.GetProperty("framesReceived").GetInt64());
    }

    private GuestRun Run(string name, string display, bool isOnWeston)
    {
        lab.Start();
        GuestRun run = new Guest(name, "dmabuf")
        {
            Display = display,
            IsOnWeston = isOnWeston,
            Options = "--gpu virgl=off,blob=on",
            OnRun = [Look],
        }.RunUnderSplitVmm();

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
        int different = 0;
        for (int y = 0; y < expected.Height; y++)
        {
            for (int x = 0; x < expected.Width; x++)
            {
                different += expected[x, y] == actual[x, y] ? 0 : 1;
            }
        }

        Assert.Equal(0, different);
    }
}
