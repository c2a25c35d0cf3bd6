using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using SplitVmm.DesktopService.Recording;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.DesktopService.Tests.Recording;

/// <summary>The file comes from a process that may have been taken over.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class PlainPngTests
{
    private static readonly byte[] s_header = [0, 0, 0, 2, 0, 0, 0, 2, 8, 2, 0, 0, 0];
    private static readonly byte[] s_rows = [0, 1, 2, 3, 4, 5, 6, 0, 7, 8, 9, 10, 11, 12];

    [Fact]
    public void Read_PictureOfDisplayProcess_GivesItsPixels()
    {
        RawPicture picture = PlainPng.Read(Make(s_header, s_rows))!;

        Assert.Equal((2, 2), (picture.Width, picture.Height));
        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], picture.Pixels);
    }

    [Theory]
    [InlineData("0000000000000002 0802000000", "no width")]
    [InlineData("0000000200000000 0802000000", "no height")]
    [InlineData("8000000200000002 0802000000", "a negative width")]
    [InlineData("0000400100000002 0802000000", "too wide")]
    [InlineData("0000400000004000 0802000000", "more pixels than bytes could make")]
    [InlineData("0000000300000002 0802000000", "too few pixels")]
    [InlineData("0000000200000001 0802000000", "too many pixels")]
    [InlineData("0000000200000002 1002000000", "16 bits")]
    [InlineData("0000000200000002 0806000000", "alpha")]
    [InlineData("0000000200000002 0802000001", "interlaced")]
    [InlineData("0000000200000002 08020000", "a short header")]
    public void Read_AnotherHeader_GivesNothing(string header, string what) =>
        Assert.True(PlainPng.Read(Make(Convert.FromHexString(header.Replace(" ", "", StringComparison.Ordinal)), s_rows)) is null, what);

    [Fact]
    public void Read_FilteredRow_GivesNothing() => Assert.Null(PlainPng.Read(Make(s_header, [1, .. s_rows[1..]])));

    [Fact]
    public void Read_CutOrChangedAnywhere_NeverThrows()
    {
        byte[] file = Make(s_header, s_rows);
        for (int length = 0; length < file.Length - 4; length++)
        {
            Assert.Null(PlainPng.Read(file[..length]));
        }

        var random = new Random(9);
        for (int i = 0; i < 20_000; i++)
        {
            byte[] changed = [.. file];
            for (int change = random.Next(1, 4); change > 0; change--)
            {
                changed[random.Next(changed.Length)] = (byte)random.Next(256);
            }

            if (PlainPng.Read(changed) is { } picture)
            {
                Assert.Equal(picture.Width * picture.Height * 3, picture.Pixels.Length);
            }
        }
    }

    [Fact]
    public void InFrame_OtherSizes_CutsAndFillsInTheMiddle()
    {
        RawPicture picture = PlainPng.Read(Make(s_header, s_rows))!;

        Assert.Same(picture, picture.InFrame(2, 2));
        Assert.Equal([0, 0, 0, 1, 2, 3, 4, 5, 6, 0, 0, 0], picture.InFrame(4, 1).Pixels);
        Assert.Equal([0, 0, 0, 1, 2, 3, 7, 8, 9, 0, 0, 0], picture.InFrame(1, 4).Pixels);
    }

    private static byte[] Make(byte[] header, byte[] rows)
    {
        var data = new MemoryStream();
        using (var zlib = new ZLibStream(data, CompressionLevel.Fastest, leaveOpen: true))
        {
            zlib.Write(rows);
        }

        return [0x89, .. "PNG\r\n\x1A\n"u8, .. Chunk("IHDR", header), .. Chunk("IDAT", data.ToArray()), .. Chunk("IEND", [])];
    }

    private static byte[] Chunk(string type, byte[] data)
    {
        var length = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, data.Length);
        return [.. length, .. Encoding.ASCII.GetBytes(type), .. data, 0, 0, 0, 0];
    }
}
