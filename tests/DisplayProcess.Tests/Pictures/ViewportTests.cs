using SplitVmm.DisplayProcess.Pictures;
using SplitVmm.Harness;
using SplitVmm.Wires.Input;
using Xunit;

namespace SplitVmm.DisplayProcess.Tests.Pictures;

[Trait("Tier", Tiers.Unit)]
public sealed class ViewportTests
{
    [Theory]
    [InlineData(1280, 800, 1280, 800, 0, 0, 1280, 800)]
    [InlineData(1000, 500, 500, 500, 250, 0, 500, 500)]
    [InlineData(500, 1000, 500, 500, 0, 250, 500, 500)]
    [InlineData(2560, 1600, 1280, 800, 0, 0, 2560, 1600)]
    [InlineData(640, 480, 1920, 1080, 0, 60, 640, 360)]
    [InlineData(1, 1, 16384, 1, 0, 0, 1, 1)]
    [InlineData(16384, 16384, 1, 16384, 8191, 0, 1, 16384)]
    public void Fit_KeepsProportionsInTheMiddle(int ww, int wh, int pw, int ph, int x, int y, int w, int h) =>
        Assert.Equal(new Viewport(x, y, w, h), Viewport.Fit(ww, wh, pw, ph));

    [Theory]
    [InlineData(1025, 770, 1024, 769, 1, 0, 0, 1024, 769)]
    [InlineData(1026, 768, 1024, 768, 2, 1, 0, 1024, 768)]
    [InlineData(1024, 768, 1024, 768, 1, 0, 0, 1024, 768)]
    [InlineData(1026, 770, 1024, 768, 1, 0, 0, 1026, 769)] // larger than the excess
    [InlineData(1025, 768, 1024, 769, 1, 1, 0, 1022, 768)] // too small in one direction
    public void Fit_WindowOfAFewPixelsMore_IsNotScaledFor(int ww, int wh, int pw, int ph, int excess, int x, int y, int w, int h) =>
        Assert.Equal(new Viewport(x, y, w, h), Viewport.Fit(ww, wh, pw, ph, excess));

    [Theory]
    [InlineData(1280, 800)]
    [InlineData(1366, 768)]
    [InlineData(4096, 2160)]
    [InlineData(16384, 16384)]
    [InlineData(1, 1)]
    public void ToTablet_EveryPixel_ScalesBackToItself(int width, int height)
    {
        Viewport viewport = Viewport.Fit(width, height, width, height);
        for (int x = 0; x < width; x++)
        {
            (int tabletX, _) = viewport.ToTablet(x, 0);
            Assert.InRange(tabletX, 0, InputProtocol.AbsoluteMaximum);
            // As the guest's input stack scales an axis to its screen.
            Assert.Equal(x, (int)((long)tabletX * width / (InputProtocol.AbsoluteMaximum + 1)));
        }

        for (int y = 0; y < height; y++)
        {
            Assert.Equal(y, (int)((long)viewport.ToTablet(0, y).Y * height / (InputProtocol.AbsoluteMaximum + 1)));
        }
    }

    [Fact]
    public void ToTablet_OutsideThePicture_IsItsNearestEdge()
    {
        Viewport viewport = Viewport.Fit(1000, 500, 500, 500);

        Assert.Equal(viewport.ToTablet(250, 0), viewport.ToTablet(3, -7));
        Assert.Equal(viewport.ToTablet(749, 499), viewport.ToTablet(999, 5000));
    }
}
