using System.Globalization;
using System.Text.Json;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.Lab.Tests;

/// <summary>
/// A machine on the session bus of a user, and a viewer by GLib that has four listeners on each monitor: they get one picture
/// in different ways, and are compared with what the machine itself says that it shows.
/// </summary>
[Trait("Tier", Tiers.Lab)]
public sealed class ViewerTests(LabMachine lab)
{
    private const string Script = "$HOME/scripts/viewers";

    // By which call each listener gets the picture, by what it takes.
    private static readonly Dictionary<string, string> s_ways = new()
    {
        ["planes"] = "ScanoutDMABUF2",
        ["dmabuf"] = "ScanoutDMABUF",
        ["map"] = "ScanoutMap",
        ["message"] = "Scanout",
    };

    // A picture that begins in the middle of the guest's buffer, for which ScanoutDMABUF has no word.
    private static readonly Dictionary<string, string> s_waysOfPart = new(s_ways) { ["dmabuf"] = "Scanout" };

    [Fact]
    public void Pictures_ByEachWay_AreTheMachines_AlsoAfterTheDisplaysDeath_AndKeysReachTheGuest()
    {
        lab.Start();
        GuestRun run = new Guest("viewers", "viewers")
        {
            Display = "headless,viewers=on,size=640x480:800x600",
            Options = "--gpu virgl=off,blob=on,max_outputs=2",
            OnRun =
            [
                $"look={Script} begin 0 1; {Script} look first",
                $"kill={Script} kill; {Script} look second",
                $"type={Script} say \"0 Keyboard.Press 30\" \"0 Keyboard.Release 30\" \"1 Mouse.SetAbsPosition 400 300\" \"1 Mouse.Press 0\" \"1 Mouse.Release 0\"",
            ],
        }.RunUnderSplitVmm();

        Assert.Contains("viewers job ends", run.Console, StringComparison.Ordinal);
        Assert.Contains("display-process died (signal 9), restarted", run.Console, StringComparison.Ordinal);
        foreach (string look in (string[])["first", "second"])
        {
            Picture left = AssertLook(run, look, 0, s_ways);
            Picture right = AssertLook(run, look, 1, s_waysOfPart);
            Assert.Equal((640, 480, 800, 600), (left.Width, left.Height, right.Width, right.Height));
            // Bars of the pattern that each has alone.
            Assert.InRange(left.Share(pixel => pixel == 0xC0C000), 0.05, 0.5);
            Assert.InRange(right.Share(pixel => pixel == 0x0000C0), 0.05, 0.5);
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

    /// <summary>Textures of the renderer, which a window shows beside the viewers.</summary>
    [Fact]
    public void PictureOf3D_ByEachWay_IsTheWindows()
    {
        lab.Start();
        GuestRun run = new Guest("viewers-cube", "viewers-cube")
        {
            Display = "sdl,renderer=accelerated,viewers=on,size=640x480",
            IsOnWeston = true,
            OnRun =
            [
                // kmscube's first picture has no cube yet.
                "cube=until grep -q \"Rendered [1-9][0-9]* frames\" console.log; do sleep 0.2; done",
                $"look={Script} begin 0; {Script} look cube; echo \"status $($HOME/dist/splitvmm status --json)\"",
            ],
        }.RunUnderSplitVmm();

        Assert.Contains("viewers-cube job ends", run.Console, StringComparison.Ordinal);
        Picture cube = AssertLook(run, "cube", 0, s_ways);
        Assert.Equal((640, 480), (cube.Width, cube.Height));
        Assert.InRange(cube.Share(pixel => pixel == 0x808080), 0.3, 0.95);
        Assert.True(cube.CountDistinctColours() > 300, $"only {cube.CountDistinctColours()} colours");
        Assert.Contains("\"frameTransportReason\":\"imported by the display\"", run.Find(@"drive: status (\{.*\})"), StringComparison.Ordinal);
        Assert.Equal(0, run.ExitStatus);
        Assert.Empty(run.ProcessesLeft);
    }

    private static Picture AssertLook(GuestRun run, string name, int monitor, Dictionary<string, string> ways)
    {
        Picture shot = run.Shot($"{name}-{monitor}");
        string crc = GlibViewer.CrcOf(shot.Width, shot.Height, (x, y) => (uint)shot[x, y]);
        foreach ((string way, string expected) in ways)
        {
            JsonElement seen = JsonDocument.Parse(run.Find($@"drive: look {name} (\{{""call"": ""look"", ""console"": {monitor}, ""way"": ""{way}"".*\}})")).RootElement;
            Assert.True(
                seen.TryGetProperty("scanout", out JsonElement scanout) && scanout.GetString() == expected
                && (seen.GetProperty("width").GetInt32(), seen.GetProperty("height").GetInt32()) == (shot.Width, shot.Height)
                && seen.GetProperty("picture").GetString() == crc,
                $"{name}, monitor {monitor}: {seen} in place of {expected} with {crc}");
        }

        return shot;
    }

    // By a pixel at most.
    private static void AssertNear(int expected, string value) =>
        Assert.InRange(int.Parse(value, CultureInfo.InvariantCulture), expected - 55, expected + 55);
}
