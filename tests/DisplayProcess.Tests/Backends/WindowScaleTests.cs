using SplitVmm.DisplayProcess.Backends.Sdl;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.DisplayProcess.Tests.Backends;

[Trait("Tier", Tiers.Unit)]
public sealed class WindowScaleTests
{
    [Theory]
    [InlineData(1280, 800, 1280, 800, 120)]
    [InlineData(853, 533, 1280, 800, 180)] // 853 * 3/2 is 1279.5
    [InlineData(534, 854, 801, 1281, 180)]
    [InlineData(819, 614, 1024, 768, 150)]
    [InlineData(640, 400, 1280, 800, 240)]
    [InlineData(960, 600, 1279, 800, 160)] // SDL 2 begins with the quotient of the screen's sizes, which is inexact
    [InlineData(1280, 800, 640, 400, 60)]
    public void Of_SizesInPointsAndPixels_IsTheScaleThatTheDesktopHas(int pw, int ph, int w, int h, int in120ths) =>
        Assert.Equal(in120ths, WindowScale.Of((pw, ph), (w, h)).In120ths);

    [Theory]
    [InlineData(120, 1023, 1023, 1023)]
    [InlineData(180, 1280, 853, 1280)]
    [InlineData(180, 1024, 683, 1025)]
    [InlineData(180, 640, 427, 641)]
    [InlineData(150, 1022, 818, 1023)]
    [InlineData(240, 801, 401, 802)]
    [InlineData(60, 640, 1279, 640)]
    [InlineData(180, 1, 1, 2)]
    public void PointsFor_Pixels_AreTheFewestThatHaveThem(int in120ths, int pixels, int points, int had)
    {
        var scale = new WindowScale(in120ths);

        Assert.Equal((points, had), (scale.PointsFor(pixels), scale.PixelsOf(points)));
    }

    [Theory]
    [InlineData(60, 0)]
    [InlineData(90, 0)]
    [InlineData(120, 0)]
    [InlineData(150, 1)]
    [InlineData(180, 1)]
    [InlineData(240, 1)]
    [InlineData(300, 2)]
    [InlineData(400, 3)]
    public void PointsFor_AnyPixels_HaveThem_AndNoMoreThanTheExcess(int in120ths, int excess)
    {
        var scale = new WindowScale(in120ths);
        Assert.Equal(excess, scale.Excess);
        int most = 0;
        for (int pixels = 1; pixels <= 4096; pixels++)
        {
            int points = scale.PointsFor(pixels);
            Assert.True(scale.PixelsOf(points - 1) < pixels);
            Assert.InRange(scale.PixelsOf(points) - pixels, 0, excess);
            most = Math.Max(most, scale.PixelsOf(points) - pixels);
        }

        Assert.Equal(excess, most);
    }

    [Theory]
    [InlineData(1280, 1280)]
    [InlineData(853, 1280)]
    [InlineData(640, 1280)]
    public void PixelUnder_APoint_IsOneOfIts_AndBothEdgesAreReached(int points, int pixels)
    {
        double scale = (double)pixels / points;
        Assert.Equal((0, pixels - 1), (WindowScale.PixelUnder(0, points, pixels), WindowScale.PixelUnder(points - 1, points, pixels)));
        for (int point = 0; point < points; point++)
        {
            Assert.InRange(WindowScale.PixelUnder(point, points, pixels), (int)(point * scale), (int)((point + 1) * scale));
        }
    }
}
