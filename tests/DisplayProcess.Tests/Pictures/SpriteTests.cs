using SplitVmm.DisplayProcess.Pictures;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.DisplayProcess.Tests.Pictures;

[Trait("Tier", Tiers.Unit)]
public sealed class SpriteTests
{
    [Theory]
    [InlineData(0xFF112233u, 0xFF445566u, 0xFF112233u)]
    [InlineData(0x00000000u, 0x00445566u, 0xFF445566u)]
    [InlineData(0x80800000u, 0xFF0000FFu, 0xFF80007Fu)]
    [InlineData(0x01FFFFFFu, 0xFFFFFFFFu, 0xFFFFFFFFu)]
    public void Over_PremultipliedPixel_BlendsOnce(uint pixel, uint below, uint expected) =>
        Assert.Equal(expected, Sprite.Over(pixel, below));

    [Fact]
    public void Over_EveryAlphaAndColour_MatchesFloatingPoint()
    {
        for (uint alpha = 0; alpha < 256; alpha += 5)
        {
            for (uint colour = 0; colour <= alpha; colour += 5)
            {
                for (uint below = 0; below < 256; below += 15)
                {
                    double exact = colour + (below * (255 - alpha) / 255.0);
                    uint blue = Sprite.Over((alpha << 24) | colour, below) & 0xFF;
                    Assert.InRange(blue, exact - 0.51, exact + 0.51);
                }
            }
        }
    }

    [Fact]
    public void Straight_ThenPremultiplied_ComesBack()
    {
        var random = new Random(3);
        var sprite = new Sprite(64, 64);
        for (int i = 0; i < sprite.Pixels.Length; i++)
        {
            uint alpha = (uint)random.Next(256);
            uint Colour() => (uint)random.Next((int)alpha + 1);
            sprite.Pixels[i] = (alpha << 24) | (Colour() << 16) | (Colour() << 8) | Colour();
        }

        uint[] straight = sprite.Straight();

        for (int i = 0; i < straight.Length; i++)
        {
            uint alpha = straight[i] >> 24;
            Assert.Equal(sprite.Pixels[i] >> 24, alpha);
            for (int shift = 0; shift < 24; shift += 8)
            {
                double again = ((straight[i] >> shift) & 0xFF) * alpha / 255.0;
                Assert.InRange((sprite.Pixels[i] >> shift) & 0xFF, again - 0.51, again + 0.51);
            }
        }
    }

    [Fact]
    public void Straight_ColourAboveAlpha_Saturates()
    {
        var sprite = new Sprite(1, 1);
        sprite.Pixels[0] = 0x10FF_FFFF;

        Assert.Equal(0x10FF_FFFFu, sprite.Straight()[0]);
    }

    [Fact]
    public void Resized_HalfAndDouble_AreMeansAndCopies()
    {
        var sprite = new Sprite(2, 2);
        ((uint[])[0xFF00_0000, 0xFFFF_0000, 0x0000_0000, 0xFF00_FF40]).CopyTo(sprite.Pixels, 0);

        Assert.Equal([0xBF40_4010u], sprite.Resized(1, 1).Pixels);
        Assert.Equal([0xFF00_0000, 0xFF00_0000, 0xFFFF_0000, 0xFFFF_0000], sprite.Resized(4, 4).Pixels[..4]);
        Assert.Equal(sprite.Pixels, sprite.Resized(2, 2).Pixels);
    }

    [Theory]
    [InlineData(1.25)]
    [InlineData(1.5)]
    [InlineData(0.7)]
    [InlineData(3.33)]
    public void Resized_ByAFraction_KeepsTheMean(double factor)
    {
        var random = new Random(4);
        var sprite = new Sprite(24, 32);
        foreach (ref uint pixel in sprite.Pixels.AsSpan())
        {
            pixel = (uint)random.Next(256) << 24;
        }

        Sprite resized = sprite.Resized((int)Math.Round(24 * factor), (int)Math.Round(32 * factor));

        Assert.Equal(sprite.Pixels.Average(pixel => pixel >> 24), resized.Pixels.Average(pixel => pixel >> 24), 0.6);
    }
}
