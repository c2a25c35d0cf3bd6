using SplitVmm.DisplayProcess.Scanouts;
using SplitVmm.Platform.Memory;
using SplitVmm.Wires.Display;

namespace SplitVmm.DisplayProcess.Pictures;

/// <summary>
/// A picture that belongs to this process: words 0xXXRRGGBB, rows from the top without gaps. Frames are copied into
/// it by their damage, once; what is shown, saved and kept after the source has gone is this copy, which no other
/// process can change any more. A frame in a dma-buf is copied only when somebody asks for its pixels.
/// </summary>
internal sealed class Canvas(int width, int height)
{
    private readonly DamageList _stale = new();
    private uint[]? _pixels;
    private SharedBuffer? _source;
    private bool _isReading;

    public int Width { get; } = width;

    public int Height { get; } = height;

    /// <summary>Times that pixels of a frame were copied here.</summary>
    public ulong Copies { get; private set; }

    public uint[] Pixels
    {
        get
        {
            uint[] pixels = _pixels ??= new uint[Width * Height];
            if (_source is { } source && !_stale.IsEmpty && !_isReading)
            {
                _isReading = true;
                source.Read(this, _stale);
                _isReading = false;
                _stale.Clear();
                Copies++;
            }

            return pixels;
        }
    }

    public Span<uint> Row(int y) => Pixels.AsSpan(y * Width, Width);

    /// <summary>The picture is elsewhere from now on; the caller keeps it there until it calls again.</summary>
    /// <param name="source">Null: the pixels are brought by <see cref="Take"/>.</param>
    /// <param name="damage">What differs from the picture before.</param>
    public void Follow(SharedBuffer? source, ReadOnlySpan<DamageRectangle> damage)
    {
        _source = source;
        if (source is null)
        {
            _stale.Clear();
        }
        else
        {
            _stale.Add(damage);
        }
    }

    /// <summary>Copies what a frame changed out of a buffer of the checked configuration, of this canvas's size.</summary>
    public void Take(SharedMapping memory, in ScanoutConfiguration configuration, uint buffer, ReadOnlySpan<DamageRectangle> damage)
    {
        Copies++;
        foreach (ref readonly DamageRectangle part in damage)
        {
            Update(memory, in configuration, buffer, in part);
        }
    }

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
