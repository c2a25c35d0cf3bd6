using StbImageSharp;

namespace SplitVmm.Lab.Tests;

/// <summary>A frame that display-process wrote as PNG, as 24-bit pixels.</summary>
internal sealed class Picture
{
    private readonly byte[] _rgb;

    private Picture(int width, int height, byte[] rgb)
    {
        Width = width;
        Height = height;
        _rgb = rgb;
    }

    public int Width { get; }

    public int Height { get; }

    /// <summary>0xRRGGBB.</summary>
    public int this[int x, int y]
    {
        get
        {
            int at = ((y * Width) + x) * 3;
            return (_rgb[at] << 16) | (_rgb[at + 1] << 8) | _rgb[at + 2];
        }
    }

    public static Picture Load(string path)
    {
        using FileStream file = File.OpenRead(path);
        ImageResult image = ImageResult.FromStream(file, ColorComponents.RedGreenBlue);
        return new Picture(image.Width, image.Height, image.Data);
    }

    public int CountDistinctColours()
    {
        HashSet<int> seen = [];
        for (int y = 0; y < Height; y++)
        {
            for (int x = 0; x < Width; x++)
            {
                seen.Add(this[x, y]);
            }
        }

        return seen.Count;
    }

    /// <summary>
    /// Rows and columns in which something that has no dents is not in one piece: parts of it were not drawn, or drawn over. Gaps of
    /// up to two pixels are not counted, for the thing may have the background's colour somewhere.
    /// </summary>
    public int CountTorn(int background)
    {
        int torn = 0;
        for (int y = 0; y < Height; y++)
        {
            torn += IsTorn(Width, x => this[x, y] == background) ? 1 : 0;
        }

        for (int x = 0; x < Width; x++)
        {
            torn += IsTorn(Height, y => this[x, y] == background) ? 1 : 0;
        }

        return torn;
    }

    private static bool IsTorn(int length, Func<int, bool> isBackground)
    {
        int? last = null;
        for (int i = 0; i < length; i++)
        {
            if (isBackground(i))
            {
                continue;
            }

            if (last is { } former && i - former > 3)
            {
                return true;
            }

            last = i;
        }

        return false;
    }

    /// <summary>Pixels that are others in another picture, whose upper left corner they are compared with; all if that is smaller.</summary>
    public int CountDifferent(Picture other)
    {
        if (other.Width < Width || other.Height < Height)
        {
            return Width * Height;
        }

        int different = 0;
        for (int y = 0; y < Height; y++)
        {
            for (int x = 0; x < Width; x++)
            {
                different += this[x, y] == other[x, y] ? 0 : 1;
            }
        }

        return different;
    }

    /// <summary>Share of pixels, 0 to 1, for which the predicate holds.</summary>
    public double Share(Func<int, bool> predicate)
    {
        int hits = 0;
        for (int y = 0; y < Height; y++)
        {
            for (int x = 0; x < Width; x++)
            {
                hits += predicate(this[x, y]) ? 1 : 0;
            }
        }

        return (double)hits / (Width * Height);
    }
}
