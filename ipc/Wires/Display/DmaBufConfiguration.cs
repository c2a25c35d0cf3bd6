using System.Runtime.InteropServices;

namespace SplitVmm.Wires.Display;

/// <summary>
/// A scanout whose buffers are dma-bufs, which come one by one (<see cref="DmaBufBuffer"/>). It replaces whatever the
/// scanout had; frames of the earlier generation that were not done yet count as done.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 40)]
public struct DmaBufConfiguration
{
    /// <summary>Below <see cref="DisplayProtocol.MaxScanouts"/>.</summary>
    [FieldOffset(0)] public uint Scanout;

    /// <summary>Chosen by the source, another one each time; buffers and frames name it.</summary>
    [FieldOffset(4)] public uint Generation;

    /// <summary>Pixels, 1 to <see cref="DisplayProtocol.MaxDimension"/>.</summary>
    [FieldOffset(8)] public uint Width;

    /// <summary>Pixels, 1 to <see cref="DisplayProtocol.MaxDimension"/>.</summary>
    [FieldOffset(12)] public uint Height;

    /// <summary>With <see cref="Modifier"/> one of the sink's <see cref="PictureFormat"/>s.</summary>
    [FieldOffset(16)] public DrmFourcc Format;

    [FieldOffset(20)] public ScanoutFlags Flags;

    [FieldOffset(24)] public ulong Modifier;

    /// <summary>1 to <see cref="DisplayProtocol.MaxPlanes"/>; 1 if the modifier is linear.</summary>
    [FieldOffset(32)] public uint PlaneCount;

    /// <summary>Zero.</summary>
    [FieldOffset(36)] public uint Reserved;
}
