namespace SplitVmm.DisplayProcess.Pictures;

/// <summary>What a person would see: picture, cursor and banner in one, as bytes R, G, B without gaps.</summary>
internal sealed class Snapshot
{
    private Snapshot(int width, int height, byte[] bytes)
    {
        Width = width;
        Height = height;
        Bytes = bytes;
    }

    public int Width { get; }

    public int Height { get; }

    public byte[] Bytes { get; }

    public static Snapshot Take(Canvas canvas, Sprite? cursor, int cursorX, int cursorY, Sprite? banner)
    {
        var pixels = new uint[canvas.Pixels.Length];
        canvas.Pixels.CopyTo(pixels, 0);
        if (cursor is not null)
        {
            Lay(cursor, cursorX, cursorY, pixels, canvas.Width, canvas.Height);
        }

        if (banner is not null)
        {
            Lay(banner, (canvas.Width - banner.Width) / 2, 0, pixels, canvas.Width, canvas.Height);
        }

        return new Snapshot(canvas.Width, canvas.Height, ToBytes(pixels));
    }

    private static void Lay(Sprite sprite, int left, int top, uint[] pixels, int width, int height)
    {
        for (int y = Math.Max(0, -top); y < sprite.Height && top + y < height; y++)
        {
            for (int x = Math.Max(0, -left); x < sprite.Width && left + x < width; x++)
            {
                ref uint below = ref pixels[((top + y) * width) + left + x];
                below = Sprite.Over(sprite.Pixels[(y * sprite.Width) + x], below);
            }
        }
    }

    private static byte[] ToBytes(uint[] pixels)
    {
        var bytes = new byte[pixels.Length * 3];
        for (int i = 0, at = 0; i < pixels.Length; i++, at += 3)
        {
            uint pixel = pixels[i];
            bytes[at] = (byte)(pixel >> 16);
            bytes[at + 1] = (byte)(pixel >> 8);
            bytes[at + 2] = (byte)pixel;
        }

        return bytes;
    }
}
