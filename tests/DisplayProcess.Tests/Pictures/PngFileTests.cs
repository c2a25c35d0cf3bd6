using SplitVmm.DisplayProcess.Pictures;
using SplitVmm.DisplayProcess.Tests.Support;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.DisplayProcess.Tests.Pictures;

[Trait("Tier", Tiers.Unit)]
public sealed class PngFileTests
{
    private readonly string _folder = SourceTree.OutputFolder("png-file");

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1280, 800)]
    [InlineData(333, 77)]
    public void Write_Picture_ReadsBackPixelForPixel(int width, int height)
    {
        var random = new Random(width);
        var canvas = new Canvas(width, height);
        for (int i = 0; i < canvas.Pixels.Length; i++)
        {
            // Noise, and a plain part that compresses.
            canvas.Pixels[i] = i % 3 == 0 ? (uint)random.Next() : 0x00FF_8000;
        }

        string path = Path.Combine(_folder, $"{width}x{height}.png");
        PngFile.Write(path, PngFile.Encode(Snapshot.Take(canvas, null, 0, 0, null)));

        Png png = Png.Read(path);
        Assert.Equal((width, height), (png.Width, png.Height));
        Assert.Null(png.FirstDifference((x, y) => canvas.Row(y)[x]));
    }

    [Fact]
    public void Write_IntoAMissingFolder_ThrowsAndLeavesNothing() => Assert.ThrowsAny<IOException>(
        () => PngFile.Write(Path.Combine(_folder, "missing", "a.png"), [1, 2, 3]));

    [Fact]
    public void Take_CursorAcrossTheEdge_IsCutOff()
    {
        var canvas = new Canvas(8, 8);
        var cursor = new Sprite(4, 4);
        Array.Fill(cursor.Pixels, 0xFFFF_FFFF);
        string path = Path.Combine(_folder, "edge.png");

        PngFile.Write(path, PngFile.Encode(Snapshot.Take(canvas, cursor, -2, 6, null)));

        Assert.Null(Png.Read(path).FirstDifference((x, y) => x < 2 && y >= 6 ? 0xFFFFFFu : 0));
    }

    [Fact]
    public void Take_CursorFarOutside_ChangesNothing()
    {
        var canvas = new Canvas(8, 8);
        var cursor = new Sprite(4, 4);
        Array.Fill(cursor.Pixels, 0xFFFF_FFFF);

        Assert.DoesNotContain((byte)255, Snapshot.Take(canvas, cursor, -16384, 16384, null).Bytes);
        Assert.DoesNotContain((byte)255, Snapshot.Take(canvas, cursor, 8, 0, null).Bytes);
    }
}
