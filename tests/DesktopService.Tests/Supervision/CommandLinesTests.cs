using SplitVmm.DesktopService.CommandLine;
using SplitVmm.DesktopService.Supervision;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.DesktopService.Tests.Supervision;

[Trait("Tier", Tiers.Unit)]
public sealed class CommandLinesTests
{
    [Theory]
    [InlineData("virgl=off,max_outputs=3", "3")]
    [InlineData("max_outputs=3,max_outputs=2", "2")]
    [InlineData("max_outputs=17", null)]
    [InlineData("max_outputs=many", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void Display_GetsAHeadForEachOutputOfTheGpu(string? gpu, string? heads)
    {
        var options = new RunOptions { Kernel = "vmlinux", Grace = TimeSpan.Zero, Gpu = gpu };

        IReadOnlyList<string> line = CommandLines.Of(ProcessRole.Display, options);

        int at = line.ToList().IndexOf("--heads");
        Assert.Equal(heads, at < 0 ? null : line[at + 1]);
    }

    [Theory]
    [InlineData("sdl,touch=on", true)]
    [InlineData("sdl,touch=off", false)]
    [InlineData("sdl", false)]
    public void Touch_OfTheDisplay_IsADeviceOfTheGuest(string display, bool hasTouch)
    {
        Assert.True(DisplayChoice.TryParse(display, out DisplayChoice choice, out _));
        var options = new RunOptions { Kernel = "vmlinux", Grace = TimeSpan.Zero, Display = choice };

        Assert.Equal(hasTouch, CommandLines.Of(ProcessRole.Core, options).Contains("--touch"));
        Assert.Equal(display.Contains("touch", StringComparison.Ordinal), CommandLines.Of(ProcessRole.Display, options).Contains("--touch"));
    }

    [Theory]
    [InlineData("headless,viewers=on", true, "--backend headless --viewers on")]
    [InlineData("sdl,viewers=off", false, "--backend sdl --viewers off")]
    [InlineData("sdl", false, "--backend sdl")]
    public void Viewers_AreLetInWhereTheUserSaysSo(string display, bool hasViewers, string line)
    {
        Assert.True(DisplayChoice.TryParse(display, out DisplayChoice choice, out _));
        var options = new RunOptions { Kernel = "vmlinux", Grace = TimeSpan.Zero, Display = choice };

        Assert.Equal(hasViewers, choice.HasViewers);
        Assert.Equal(line, string.Join(' ', CommandLines.Of(ProcessRole.Display, options)));
    }
}
