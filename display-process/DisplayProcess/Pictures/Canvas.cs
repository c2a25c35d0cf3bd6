using SplitVmm.Platform.Memory;
using SplitVmm.Wires.Display;

namespace SplitVmm.DisplayProcess.Pictures;

/// <summary>
/// A picture that belongs to this process: words 0xXXRRGGBB, rows from the top without gaps. Frames are copied into
/// it by their damage, once; what is shown, saved and kept after the source has gone is this copy, which no other
/// process can change any more.
/// </summary>
internal sealed class Canvas(int width, int height)
{
    public int Width { get; } = width;

    public int Height { get; } = height;

    public uint[] Pixels { get; } = new uint[width * height];

    public Span<uint> Row(int y) => Pixels.AsSpan(y * Width, Width);

    /// <summary>Copies one rectangle out of a buffer of the checked configuration, of this canvas's size.</summary>
    /// <param name="memory">The scanout's whole memfd; its contents may change while they are read.</param>
    public void Update(SharedMapping memory, in ScanoutConfiguration configuration, uint buffer, in DamageRectangle part)
    {
        ulong start = configuration.BufferOffset + (buffer * configuration.BufferSize);
        bool upright = (configuration.Flags & ScanoutFlags.Y0Top) != 0;
        for (uint y = part.Y; y < part.Y + part.Height; y++)
        {
            uint memoryRow = upright ? y : configuration.Height - 1 - y;
            ulong offset = start + ((ulong)memoryRow * configuration.Stride) + (part.X * DisplayProtocol.BytesPerPixel);
            ReadOnlySpan<byte> source = memory.Slice((nuint)offset, (int)(part.Width * DisplayProtocol.BytesPerPixel));
            PixelFormats.ConvertRow(
                configuration.Format,
                PixelFormats.AsPixels(source),
                Row((int)y).Slice((int)part.X, (int)part.Width));
        }
    }
}
