using StbImageSharp;

namespace SplitVmm.DisplayProcess.Tests.Support;

/// <summary>A PNG file as a test looks at it.</summary>
internal sealed class Png
{
    private readonly ImageResult _image;

    private Png(ImageResult image) => _image = image;

    public int Width => _image.Width;

    public int Height => _image.Height;

    public static Png Read(string path)
    {
        using FileStream stream = File.OpenRead(path);
        return new Png(ImageResult.FromStream(stream, ColorComponents.RedGreenBlue));
    }

    /// <summary>0xRRGGBB.</summary>
    public uint this[int x, int y]
    {
        get
        {
            int at = ((y * Width) + x) * 3;
            return ((uint)_image.Data[at] << 16) | ((uint)_image.Data[at + 1] << 8) | _image.Data[at + 2];
        }
    }

    /// <summary>The first pixel that differs from a function of column and row, as text; null if none does.</summary>
    public string? FirstDifference(Func<int, int, uint> expected, int fromRow = 0)
    {
        for (int y = fromRow; y < Height; y++)
        {
            for (int x = 0; x < Width; x++)
            {
                uint wanted = expected(x, y) & 0xFFFFFF;
                if (this[x, y] != wanted)
                {
                    return $"at {x},{y}: 0x{this[x, y]:x6} where 0x{wanted:x6} belongs";
                }
            }
        }

        return null;
    }

    /// <summary>Waits for a file to exist and to fulfil a condition; it is complete whenever it exists.</summary>
    public static Png WaitFor(string path, Func<Png, bool>? condition = null, Action? meanwhile = null)
    {
        long end = Environment.TickCount64 + 20_000;
        while (true)
        {
            if (File.Exists(path) && Read(path) is { } png && condition?.Invoke(png) != false)
            {
                return png;
            }

            if (Environment.TickCount64 > end)
            {
                throw new TimeoutException($"{path} did not come to be as expected (exists: {File.Exists(path)})");
            }

            meanwhile?.Invoke();
            Thread.Sleep(20);
        }
    }
}
