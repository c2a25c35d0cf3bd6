using System.Globalization;
using System.Text.Json;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.Lab.Tests;

/// <summary>
/// A machine with two monitors on the session bus of a user, and a viewer by GLib that has four listeners on each: they get one picture
/// in different ways, and are compared with what the machine itself says that it shows.
/// </summary>
[Trait("Tier", Tiers.Lab)]
public sealed class ViewerTests(LabMachine lab)
{
    // How a listener gets the picture of each monitor, by what it takes. That of the second begins in the middle of the guest's buffer, for which
    // ScanoutDMABUF has no word.
    private static readonly Dictionary<string, string[]> s_ways = new()
    {
        ["planes"] = ["ScanoutDMABUF2", "ScanoutDMABUF2"],
        ["dmabuf"] = ["ScanoutDMABUF", "Scanout"],
        ["map"] = ["ScanoutMap", "ScanoutMap"],
        ["message"] = ["Scanout", "Scanout"],
    };

    [Fact]
    public void Pictures_ByEachWay_AreTheMachines_AlsoAfterTheDisplaysDeath_AndKeysReachTheGuest()
    {
        const string Script = "$HOME/scripts/viewers";
        lab.Start();
        GuestRun run = new Guest("viewers", "viewers")
        {
            Display = "headless,viewers=on,size=640x480:800x600",
            Options = "--gpu virgl=off,blob=on,max_outputs=2",
            OnRun =
            [
                $"look={Script} begin; {Script} look first",
                $"kill={Script} kill; {Script} look second",
                $"type={Script} say \"0 Keyboard.Press 30\" \"0 Keyboard.Release 30\" \"1 Mouse.SetAbsPosition 400 300\" \"1 Mouse.Press 0\" \"1 Mouse.Release 0\"",
            ],
        }.RunUnderSplitVmm();

        Assert.Contains("viewers job ends", run.Console, StringComparison.Ordinal);
        Assert.Contains("display-process died (signal 9), restarted", run.Console, StringComparison.Ordinal);
        foreach (string look in (string[])["first", "second"])
        {
            AssertLook(run, look);
        }

        foreach (string key in (string[])["KEY_A", "BTN_LEFT"])
        {
            Assert.Matches($@"EV_KEY\), code \d+ \({key}\), value 1", run.Console);
            Assert.Matches($@"EV_KEY\), code \d+ \({key}\), value 0", run.Console);
        }

        // The tablet covers the row of both monitors, 1440 by 600 pixels.
        AssertNear((640 + 400) * 32768 / 1440, run.Find(@"EV_ABS\), code 0 \(ABS_X\), value (\d+)"));
        AssertNear(300 * 32768 / 600, run.Find(@"EV_ABS\), code 1 \(ABS_Y\), value (\d+)"));
        Assert.DoesNotMatch("(?i)virtio_gpu.*(error|timeout|fail|response)|hung task|soft lockup|Oops", run.Console);
        Assert.Equal(0, run.ExitStatus);
        Assert.Empty(run.ProcessesLeft);
    }

    private static void AssertLook(GuestRun run, string name)
    {
        for (int monitor = 0; monitor < 2; monitor++)
        {
            Picture shot = run.Shot($"{name}-{monitor}");
            Assert.Equal(monitor == 0 ? (640, 480) : (800, 600), (shot.Width, shot.Height));
            // The pattern, and not a screen of text or nothing.
            Assert.InRange(shot.Share(pixel => pixel == (monitor == 0 ? 0xC0C000 : 0x0000C0)), 0.05, 0.5);
            string crc = GlibViewer.CrcOf(shot.Width, shot.Height, (x, y) => (uint)shot[x, y]);
            foreach ((string way, string[] scanouts) in s_ways)
            {
                JsonElement seen = JsonDocument.Parse(run.Find($@"drive: look {name} (\{{""call"": ""look"", ""console"": {monitor}, ""way"": ""{way}"".*\}})")).RootElement;
                Assert.True(
                    seen.TryGetProperty("scanout", out JsonElement scanout) && scanout.GetString() == scanouts[monitor]
                    && (seen.GetProperty("width").GetInt32(), seen.GetProperty("height").GetInt32()) == (shot.Width, shot.Height)
                    && seen.GetProperty("picture").GetString() == crc,
                    $"{name}, monitor {monitor}: {seen} in place of {scanouts[monitor]} with {crc}");
            }
        }
    }

    // By a pixel at most.
    private static void AssertNear(int expected, string value) =>
        Assert.InRange(int.Parse(value, CultureInfo.InvariantCulture), expected - 55, expected + 55);
}
