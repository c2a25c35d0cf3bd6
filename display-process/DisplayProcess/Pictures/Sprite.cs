using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Memory;
using SplitVmm.Wires.Display;

namespace SplitVmm.DisplayProcess.Pictures;

/// <summary>
/// A small picture with transparency that is laid over a <see cref="Canvas"/>: a cursor, a banner. Words 0xAARRGGBB
/// with the colours premultiplied by alpha.
/// </summary>
internal sealed class Sprite(int width, int height)
{
    public int Width { get; } = width;

    public int Height { get; } = height;

    public uint[] Pixels { get; } = new uint[width * height];

    /// <summary>Copies a cursor out of the memory that came with it.</summary>
    public static Sprite FromCursor(in CursorImage image, Descriptor memory)
    {
        var sprite = new Sprite((int)image.Width, (int)image.Height);
        using SharedMapping mapping = SharedMapping.Create(memory, 0, image.Stride * image.Height, writable: false);
        uint opaque = PixelFormats.HasAlpha(image.Format) ? 0 : 0xFF00_0000;
        for (int y = 0; y < sprite.Height; y++)
        {
            ReadOnlySpan<byte> source = mapping.Slice((nuint)y * image.Stride, sprite.Width * (int)DisplayProtocol.BytesPerPixel);
            Span<uint> row = sprite.Pixels.AsSpan(y * sprite.Width, sprite.Width);
            PixelFormats.ConvertRow(image.Format, PixelFormats.AsPixels(source), row);
            foreach (ref uint pixel in row)
            {
                pixel |= opaque;
            }
        }

        return sprite;
    }

    /// <summary>The colours divided by alpha again, for those who want it so.</summary>
    public uint[] Straight()
    {
        var straight = new uint[Pixels.Length];
        for (int i = 0; i < straight.Length; i++)
        {
            uint pixel = Pixels[i];
            uint alpha = pixel >> 24;
            straight[i] = alpha is 0 or 255
                ? pixel & (alpha == 0 ? 0 : 0xFFFF_FFFF)
                : (alpha << 24)
                    | (Divide(pixel >> 16, alpha) << 16) | (Divide(pixel >> 8, alpha) << 8) | Divide(pixel, alpha);
        }

        return straight;
    }

    /// <summary>The same in another size: each new pixel is the mean of the area that it covers.</summary>
    public Sprite Resized(int width, int height)
    {
        var resized = new Sprite(width, height);
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                resized.Pixels[(y * width) + x] = Mean(
                    (double)x * Width / width, (double)(x + 1) * Width / width, (double)y * Height / height, (double)(y + 1) * Height / height);
            }
        }

        return resized;
    }

    /// <summary>One pixel of a sprite over one of a picture; the result is opaque.</summary>
    public static uint Over(uint pixel, uint below)
    {
        uint through = 255 - (pixel >> 24);
        return 0xFF00_0000
            | (Blend(pixel >> 16, below >> 16, through) << 16)
            | (Blend(pixel >> 8, below >> 8, through) << 8)
            | Blend(pixel, below, through);
    }

    private uint Mean(double left, double right, double top, double bottom)
    {
        Span<double> sums = stackalloc double[4];
        double area = (right - left) * (bottom - top);
        for (int y = (int)top; y < Height && y < bottom; y++)
        {
            double rows = Math.Min(bottom, y + 1) - Math.Max(top, y);
            for (int x = (int)left; x < Width && x < right; x++)
            {
                double share = rows * (Math.Min(right, x + 1) - Math.Max(left, x)) / area;
                uint pixel = Pixels[(y * Width) + x];
                for (int channel = 0; channel < sums.Length; channel++)
                {
                    sums[channel] += share * ((pixel >> (8 * channel)) & 0xFF);
                }
            }
        }

        uint mean = 0;
        for (int channel = 0; channel < sums.Length; channel++)
        {
            mean |= (uint)Math.Clamp(Math.Round(sums[channel]), 0, 255) << (8 * channel);
        }

        return mean;
    }

    private static uint Divide(uint channel, uint alpha) => Math.Min(255, (((channel & 0xFF) * 255) + (alpha / 2)) / alpha);

    // A guest may send colours above their alpha; they saturate.
    private static uint Blend(uint channel, uint below, uint through) =>
        Math.Min(255, (channel & 0xFF) + ((((below & 0xFF) * through) + 127) / 255));
}
