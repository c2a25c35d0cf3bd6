using SplitVmm.DisplayProcess.Scanouts;
using SplitVmm.Harness;
using SplitVmm.Wires.Display;
using Xunit;

namespace SplitVmm.DisplayProcess.Tests.Scanouts;

[Trait("Tier", Tiers.Unit)]
public sealed class OutputRowTests
{
    [Theory]
    [InlineData(0, 0)]
    [InlineData(17, 32767)]
    [InlineData(32767, 12345)]
    public void ToTablet_OneHead_IsThePositionItself(int x, int y)
    {
        OutputRow row = Row((1280, 800));

        Assert.Equal((x, y), row.ToTablet(0, (x, y)));
    }

    [Fact]
    public void ToTablet_BeforeAnyOutput_IsThePositionItself() => Assert.Equal((5, 6), new OutputRow(2).ToTablet(1, (5, 6)));

    [Theory]
    [InlineData(0, 0, 0, 0, 0)]
    [InlineData(0, 16384, 16384, 640, 400)]
    [InlineData(1, 0, 0, 1280, 0)]
    [InlineData(1, 16384, 16384, 1280 + 512, 384)]
    [InlineData(3, 16384, 0, 1280 + 1024 + 320, 0)]
    public void ToTablet_SeveralHeads_IsThatPixelOfTheRow(int head, int x, int y, int column, int line)
    {
        OutputRow row = Row((1280, 800), (1024, 768), (0, 0), (640, 480));
        const int Width = 1280 + 1024 + 640;

        (int tabletX, int tabletY) = row.ToTablet(head, (x, y));

        Assert.Equal((column, line), (Pixel(tabletX, Width), Pixel(tabletY, 800)));
    }

    // Positions are where pixels begin; the tablet's are rounded down.
    private static int Pixel(int position, int length) => (int)Math.Round(position * (double)length / 32768);

    private static OutputRow Row(params (uint Width, uint Height)[] sizes)
    {
        var row = new OutputRow(sizes.Length);
        for (int i = 0; i < sizes.Length; i++)
        {
            row.Set(new OutputInfo { Scanout = (uint)i, Enabled = sizes[i].Width > 0 ? 1u : 0, Width = sizes[i].Width, Height = sizes[i].Height });
        }

        return row;
    }
}
