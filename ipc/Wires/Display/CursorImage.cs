using System.Runtime.InteropServices;

namespace SplitVmm.Wires.Display;

/// <summary>
/// A new picture for a scanout's cursor, which is shown from now on. The pixels start the memfd that comes
/// with it (sealed with F_SEAL_SHRINK at least), row 0 on top. The sink copies them at once.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 32)]
public struct CursorImage
{
    [FieldOffset(0)] public uint Scanout;

    /// <summary>Pixels from the left edge to the point that points; below Width.</summary>
    [FieldOffset(4)] public uint HotX;

    /// <summary>Pixels from the top edge to the point that points; below Height.</summary>
    [FieldOffset(8)] public uint HotY;

    /// <summary>Pixels, 1 to <see cref="DisplayProtocol.MaxCursorDimension"/>.</summary>
    [FieldOffset(12)] public uint Width;

    /// <summary>Pixels, 1 to <see cref="DisplayProtocol.MaxCursorDimension"/>.</summary>
    [FieldOffset(16)] public uint Height;

    /// <summary>Colours are premultiplied by alpha, as DRM has it; in the X formats every pixel is opaque.</summary>
    [FieldOffset(20)] public DrmFourcc Format;

    /// <summary>Bytes from one row to the next: a multiple of 4, at least 4 * Width.</summary>
    [FieldOffset(24)] public uint Stride;

    /// <summary>Zero.</summary>
    [FieldOffset(28)] public uint Reserved;
}
