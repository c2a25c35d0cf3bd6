using System.Globalization;
using System.Text.Json;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.Lab.Tests;

/// <summary>
/// A guest with 3D in a window on weston: its pictures are textures of gpu-process, exported as dma-bufs and imported by display-process,
/// also by those that follow when either is killed.
/// </summary>
[Trait("Tier", Tiers.Lab)]
public sealed class TextureFrameTests(LabMachine lab)
{
    private static readonly string[] s_looks = ["look", "gpu", "display", "still"];

    [Fact]
    public void Textures_AreImported_AlsoByThoseWhoFollow_AndNobodyKeepsFiles()
    {
        lab.Start();
        AsRoot("systemd-run --quiet --unit=count-files /home/user/scripts/count-files");
        GuestRun run = new Guest("textures", "textures")
        {
            Display = "sdl,renderer=accelerated,size=640x480",
            IsOnWeston = true,
            Files = [GuestProgram.Build("flipguest", SourceTree.OutputFolder("flipguest"))],
            // An emulated CPU renders slowly; what is shown here are deaths, not hangs.
            Options = "--crash-quota 100/60,max-delay=100 --gpu-hang-timeout 60",
            OnRun =
            [
                // kmscube's first picture has no cube yet.
                "look=until grep -q \"Rendered [1-9][0-9]* frames\" console.log; do sleep 0.2; done; $HOME/scripts/watch-frames look",
                "still=$HOME/scripts/await-still; $HOME/scripts/watch-frames still",
                "gpu=$HOME/scripts/watch-frames gpu gpu-process", "display=$HOME/scripts/watch-frames display display-process",
            ],
        }.RunUnderSplitVmm();
        AsRoot("systemctl stop count-files");

        Assert.Contains("textures job ends", run.Console, StringComparison.Ordinal);
        Assert.Equal((1, 1), (run.Count("drive: killed gpu-process"), run.Count("drive: killed display-process")));
        foreach (string look in s_looks)
        {
            JsonElement status = JsonDocument.Parse(run.Find($@"drive: status {look} (\{{.*\}})")).RootElement;
            Assert.Equal(
                (look, "dma-buf", "imported by the display"),
                (look, status.GetProperty("frameTransport").GetString(), status.GetProperty("frameTransportReason").GetString()));
            // The guest drew into nothing that the display was still reading.
            Assert.Equal((look, 0), (look, status.GetProperty("flipsNotAwaited").GetInt64()));
            Picture picture = run.Shot(look);
            Assert.Equal((640, 480), (picture.Width, picture.Height));
            if (look == "still")
            {
                Assert.Equal(1, picture.Share(pixel => pixel == 0x3060C0));
                continue;
            }

            Assert.InRange(picture.Share(pixel => pixel == 0x808080), 0.3, 0.95);
            Assert.Equal((look, 0), (look, picture.CountTorn(0x808080)));
            Assert.True(picture.CountDistinctColours() > 300, $"{look}: only {picture.CountDistinctColours()} colours");
        }

        // Those who were not killed have what they had; and dozens of frames leave nothing behind, but for what is on its way.
        foreach (string program in (string[])["splitvmm", "vmm-core"])
        {
            Assert.InRange(FilesOf(run, "display", program), 1, FilesOf(run, "look", program) + 4);
        }

        foreach (string program in (string[])["splitvmm", "vmm-core", "gpu-process", "display-process"])
        {
            Assert.InRange(FilesOf(run, "still", program), 1, FilesOf(run, "display", program) + 4);
        }

        Assert.DoesNotMatch("(?i)virtio_gpu.*(error|timeout|fail|response)|hung task|soft lockup|Oops", run.Console);
        Assert.Equal(0, run.ExitStatus);
        Assert.Empty(run.ProcessesLeft);
    }

    private static int FilesOf(GuestRun run, string look, string program) =>
        int.Parse(run.Find($@"drive: files {look} .*\b{program} (\d+)"), CultureInfo.InvariantCulture);

    private static void AsRoot(string script)
    {
        RunResult result = LabMachine.RunAsRoot(script, TimeSpan.FromMinutes(2));
        Assert.True(result.ExitStatus == 0, result.StandardError);
    }
}
