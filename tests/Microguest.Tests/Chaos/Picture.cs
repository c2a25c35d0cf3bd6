using System.Globalization;
using StbImageSharp;

namespace SplitVmm.Microguest.Tests.Chaos;

/// <summary>A PNG of the display, as the guest computes its own pictures (tests/microguest/README.md).</summary>
internal sealed class Picture
{
    private const int Patterns = 32;

    private static readonly uint[] s_crcTable = [.. Enumerable.Range(0, 256).Select(value => CrcOf((uint)value))];

    private readonly ImageResult _image;

    private Picture(ImageResult image) => _image = image;

    public int Width => _image.Width;

    public int Height => _image.Height;

    /// <summary>Null if there is no such file; one that is there is complete.</summary>
    public static Picture? TryRead(string path)
    {
        try
        {
            using FileStream stream = File.OpenRead(path);
            return new Picture(ImageResult.FromStream(stream, ColorComponents.RedGreenBlue));
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    /// <summary>CRC-32 of R, G, B, row by row.</summary>
    public string Crc()
    {
        uint crc = uint.MaxValue;
        foreach (byte value in _image.Data)
        {
            crc = s_crcTable[(byte)(crc ^ value)] ^ (crc >> 8);
        }

        return (~crc).ToString("x8", CultureInfo.InvariantCulture);
    }

    /// <summary>Whether every pixel is that of one pattern: R = x + 40 n, G = 2 y + 80 n, B = x xor y.</summary>
    public bool IsPattern()
    {
        for (int pattern = 0; pattern < Patterns; pattern++)
        {
            if (_image.Data[0] == (byte)(40 * pattern))
            {
                return Is(pattern);
            }
        }

        return false;
    }

    private static uint CrcOf(uint value)
    {
        const uint Polynomial = 0xEDB8_8320;
        for (int bit = 0; bit < 8; bit++)
        {
            value = (value >> 1) ^ ((value & 1) * Polynomial);
        }

        return value;
    }

    private bool Is(int pattern)
    {
        ReadOnlySpan<byte> data = _image.Data;
        for (int y = 0; y < Height; y++)
        {
            for (int x = 0; x < Width; x++, data = data[3..])
            {
                if (data[0] != (byte)(x + (40 * pattern)) || data[1] != (byte)((2 * y) + (80 * pattern)) || data[2] != (byte)(x ^ y))
                {
                    return false;
                }
            }
        }

        return true;
    }
}
