using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SplitVmm.Wires.Display;

/// <summary>
/// One buffer of a scanout of dma-bufs, in the place of what it had under that number, which no frame may await. As many
/// descriptors come with it as the configuration has planes; the same dma-buf may come several times.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 48)]
public struct DmaBufBuffer
{
    [FieldOffset(0)] public uint Scanout;

    /// <summary>That of the scanout's current <see cref="DmaBufConfiguration"/>.</summary>
    [FieldOffset(4)] public uint Generation;

    /// <summary>Below <see cref="DisplayProtocol.MaxBuffers"/>.</summary>
    [FieldOffset(8)] public uint Buffer;

    /// <summary>Zero.</summary>
    [FieldOffset(12)] public uint Reserved;

    /// <summary>Those above the configuration's PlaneCount are zero.</summary>
    [FieldOffset(16)] public DmaBufPlanes Planes;
}

/// <summary>One for each plane that there can be.</summary>
[InlineArray(DisplayProtocol.MaxPlanes)]
public struct DmaBufPlanes
{
    private DmaBufPlane _first;
}
