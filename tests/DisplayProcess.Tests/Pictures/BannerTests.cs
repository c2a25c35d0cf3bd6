using System.Text;
using SplitVmm.DisplayProcess.Pictures;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.DisplayProcess.Tests.Pictures;

[Trait("Tier", Tiers.Unit)]
public sealed class BannerTests
{
    [Fact]
    public void Draw_Letter_IsReadable()
    {
        Sprite sprite = Banner.Draw("A", pictureWidth: 13);

        var text = new StringBuilder();
        for (int y = 4; y < 11; y++)
        {
            for (int x = 4; x < 9; x++)
            {
                text.Append(sprite.Pixels[(y * sprite.Width) + x] == 0xFFFF_FFFF ? '#' : '.');
            }

            text.Append('\n');
        }

        Assert.Equal(".###.\n#...#\n#...#\n#...#\n#####\n#...#\n#...#\n", text.ToString());
    }

    [Theory]
    [InlineData("graphics stopped: this is the last picture", 1280)]
    [InlineData("graphics stopped: this is the last picture", 200)]
    [InlineData("x", 1)]
    [InlineData("\u00e9\t\n", 640)]
    public void Draw_AnyTextAndWidth_FitsThePicture(string text, int width)
    {
        Sprite sprite = Banner.Draw(text, width);

        Assert.InRange(sprite.Width, 1, width);
    }

    [Fact]
    public void RowsOf_EveryCharacter_HasAnImageOfItsOwn()
    {
        var seen = new HashSet<string>();
        for (char character = ' '; character <= '~'; character++)
        {
            ReadOnlySpan<byte> rows = Glyphs.RowsOf(character);
            Assert.Equal(Glyphs.Height, rows.Length);
            foreach (byte row in rows)
            {
                Assert.InRange(row, 0, 31);
            }

            Assert.True(seen.Add(Convert.ToHexString(rows)), $"'{character}' looks like another one");
        }
    }
}
