using SplitVmm.DisplayProcess.Interop;
using SplitVmm.DisplayProcess.Pictures;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Errors;
using SplitVmm.Platform.Memory;
using SplitVmm.Wires.Display;

namespace SplitVmm.DisplayProcess.Scanouts;

/// <summary>A linear dma-buf that is read through a mapping.</summary>
internal sealed unsafe class MappedBuffer : SharedBuffer
{
    private readonly Descriptor _file;
    private readonly SharedMapping _memory;
    private readonly ScanoutConfiguration _layout;

    private MappedBuffer(Descriptor file, SharedMapping memory, in ScanoutConfiguration layout)
    {
        _file = file;
        _memory = memory;
        _layout = layout;
    }

    /// <summary>What can be shown so.</summary>
    public static PictureFormat[] Formats { get; } =
        [.. Enum.GetValues<DrmFourcc>().Where(format => format != DrmFourcc.None)
            .Select(format => new PictureFormat(format, DrmModifiers.DRM_FORMAT_MOD_LINEAR))];

    public override string Use => "mapped";

    /// <summary>Whether its words are those of a canvas, top row first.</summary>
    public bool IsPlain => _layout.Format is DrmFourcc.DRM_FORMAT_XRGB8888 or DrmFourcc.DRM_FORMAT_ARGB8888
        && (_layout.Flags & ScanoutFlags.Y0Top) != 0;

    /// <summary>Bytes from one row to the next.</summary>
    public int Stride => (int)_layout.Stride;

    /// <param name="file">Of the only plane, checked against the configuration; stays the caller's.</param>
    /// <returns>Null: its driver does not let it be mapped.</returns>
    public static MappedBuffer? TryCreate(in DmaBufConfiguration configuration, in DmaBufPlane plane, Descriptor file)
    {
        Descriptor? kept = null;
        try
        {
            kept = file.Duplicate();
            var memory = SharedMapping.Create(file, 0, (nuint)DmaBufValidation.NeededMemory(in plane, in configuration), writable: false);
            return new MappedBuffer(kept, memory, new ScanoutConfiguration
            {
                Width = configuration.Width,
                Height = configuration.Height,
                Format = configuration.Format,
                Stride = plane.Stride,
                Flags = configuration.Flags,
                BufferOffset = plane.Offset,
            });
        }
        catch (ErrnoException)
        {
            kept?.Dispose();
            return null;
        }
    }

    public override void Read(Canvas canvas, DamageList stale)
    {
        BeginRead();
        foreach (ref readonly DamageRectangle part in stale.Rectangles)
        {
            canvas.Update(_memory, in _layout, 0, in part);
        }

        EndRead();
    }

    /// <summary>The picture's first pixel; read between <see cref="BeginRead"/> and <see cref="EndRead"/>.</summary>
    // The wire checked that the picture lies in the dma-buf.
    public byte* Pixels => _memory.Pointer + _layout.BufferOffset;

    public void BeginRead() => DmaBufReading.Begin(_file);

    public void EndRead() => DmaBufReading.End(_file);

    protected override void Release()
    {
        _memory.Dispose();
        _file.Dispose();
    }
}
