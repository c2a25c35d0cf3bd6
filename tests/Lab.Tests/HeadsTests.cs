using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.Lab.Tests;

/// <summary>Two monitors of different sizes, as Linux sees and uses them.</summary>
[Trait("Tier", Tiers.Lab)]
public sealed class HeadsTests(LabMachine lab)
{
    [Fact]
    public void Modetest_AcrossTwoMonitors_ShowsEachItsPartAndItsCursor()
    {
        lab.Start();

        GuestRun run = new Guest("heads", "heads")
        {
            Display = "headless,size=1280x800:1024x768,frame-interval=500",
            Options = "--gpu max_outputs=2",
        }.RunUnderSplitVmm();

        Assert.Equal("1280x800", run.Find(@"^\[ *[0-9.]+\] out: @monitor \d+ (\S+)"));
        Assert.Equal(2, run.Count("out: @monitor "));
        Assert.Contains("modetest ended with 0", run.Console, StringComparison.Ordinal);
        Picture left = run.Shot("left");
        Picture right = run.Shot("right");
        Assert.Equal((1280, 800, 1024, 768), (left.Width, left.Height, right.Width, right.Height));
        // The seven bars of the SMPTE pattern are 329 pixels wide each here: four begin on the left, the last three on the right.
        AssertShares(left, [0xC0C0C0, 0xC0C000, 0x00C0C0], [0xC00000, 0x0000C0]);
        AssertShares(right, [0xC000C0, 0xC00000, 0x0000C0], [0xC0C000, 0x00C0C0]);
        // modetest moves its cursors, and hides them now and then.
        Assert.Contains(Frames(run, "frame-0*.png"), HasCursor);
        Assert.Contains(Frames(run, "frame-1-*.png"), HasCursor);
    }

    private static IEnumerable<Picture> Frames(GuestRun run, string pattern) =>
        Directory.EnumerateFiles(Path.Combine(run.Folder, "frames"), pattern).Select(Picture.Load);

    // 64 pixels wide and high, grey and half transparent (0x77777777): over a bar, whose channels are 0 or 0xC0, it gives
    // these, and over most of it where it lies half beside. No other pixel has them.
    private static bool HasCursor(Picture picture)
    {
        double share = picture.Share(pixel => ((int[])[pixel >> 16, (pixel >> 8) & 0xFF, pixel & 0xFF]).All(channel => channel is 0x77 or 0xDD));
        return share * picture.Width * picture.Height is >= 64 * 64 / 2 and <= 64 * 64;
    }

    private static void AssertShares(Picture picture, int[] shown, int[] absent)
    {
        foreach (int colour in shown)
        {
            Assert.InRange(picture.Share(pixel => pixel == colour), 0.05, 0.35);
        }

        foreach (int colour in absent)
        {
            // The pattern's lower rows have some of them again, in small patches.
            Assert.InRange(picture.Share(pixel => pixel == colour), 0, 0.04);
        }
    }
}
