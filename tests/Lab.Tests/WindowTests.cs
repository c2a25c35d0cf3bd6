using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.Lab.Tests;

/// <summary>The SDL window under Xvfb: what is typed and pointed at there arrives in the guest.</summary>
[Trait("Tier", Tiers.Lab)]
public sealed class WindowTests(LabMachine lab)
{
    private const string Focus = "w=$(xdotool search --onlyvisible --name . | tail -n 1); xdotool windowfocus $w; sleep 1; ";

    [Fact]
    public void Keys_TypedIntoTheWindow_AreSeenByEvtest_AlsoAfterItWasKilled_AndItsSizeIsFollowed()
    {
        lab.Start();

        GuestRun run = new Guest("keyboard", "keyboard")
        {
            Display = "sdl,touch=on",
            OnRun =
            [
                $"type={Focus}xdotool mousemove --window $w 200 150; sleep 1; xdotool type --delay 150 hi; " +
                "xdotool key --delay 150 Return F5; xdotool click 1; sleep 1; import -window root shots/window.png",
                "kill=pkill -KILL -x display-process; until xdotool search --onlyvisible --name . >/dev/null; do sleep 0.2; done; sleep 2; " +
                $"import -window root shots/again.png; {Focus}xdotool key --delay 150 F9 ctrl+alt+g; " +
                "for i in 1 2 3; do xdotool mousemove_relative -- 40 -7; sleep 0.3; done; xdotool key --delay 150 ctrl+alt+g",
                "resize=xdotool windowsize $(xdotool search --onlyvisible --name . | tail -n 1) 1000 700",
                "resized=import -window $(xdotool search --onlyvisible --name . | tail -n 1) shots/resized.png",
            ],
        }.RunUnderSplitVmm();

        Assert.Contains("display-process died (signal 9), restarted", run.Console, StringComparison.Ordinal);
        // The same text, but for a cursor that blinks.
        double text = run.Shot("window").Share(pixel => pixel != 0);
        Assert.InRange(run.Shot("again").Share(pixel => pixel != 0), text * 0.8, text * 1.2);
        foreach (string key in (string[])["KEY_H", "KEY_I", "KEY_ENTER", "KEY_F5", "BTN_LEFT", "KEY_F9"])
        {
            Assert.Matches($@"EV_KEY\), code \d+ \({key}\), value 1", run.Console);
            Assert.Matches($@"EV_KEY\), code \d+ \({key}\), value 0", run.Console);
        }

        Assert.Matches(@"EV_ABS\), code 0 \(ABS_X\), value \d+", run.Console);
        // Grabbed, it is the mouse that moves.
        Assert.Matches(@"EV_REL\), code 0 \(REL_X\), value \d+", run.Console);
        Assert.Matches(@"EV_REL\), code 1 \(REL_Y\), value -\d+", run.Console);
        Assert.Contains("\"SplitVmm Touch Screen\"", run.Console, StringComparison.Ordinal);
        Assert.Contains("(ABS_MT_TRACKING_ID)", run.Console, StringComparison.Ordinal);

        // The window's new size is the monitor's first mode, which modetest sets: the picture covers the window.
        Assert.Equal("1280x800", run.Find(@"mode before: (\S+)"));
        Assert.Equal("1000x700", run.Find(@"mode after: (\S+)"));
        Assert.Contains("modetest ended with 0", run.Console, StringComparison.Ordinal);
        Picture resized = run.Shot("resized");
        Assert.Equal((1000, 700), (resized.Width, resized.Height));
        Assert.InRange(resized.Share(pixel => pixel == 0xC0C0C0), 0.05, 0.25);
        Assert.Equal(0, run.ExitStatus);
    }
}
