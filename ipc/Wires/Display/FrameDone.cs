using System.Runtime.InteropServices;

namespace SplitVmm.Wires.Display;

/// <summary>
/// The next frame is welcome. Of a memfd: the sink has copied the frame, and its buffer may be written again. Of a dma-buf:
/// the sink shows it from now on, and reads no other buffer of the scanout any more.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 24)]
public struct FrameDone
{
    [FieldOffset(0)] public uint Scanout;

    [FieldOffset(4)] public uint Generation;

    [FieldOffset(8)] public uint Buffer;

    /// <summary>Zero.</summary>
    [FieldOffset(12)] public uint Reserved;

    /// <summary>That of the <see cref="Frame"/>.</summary>
    [FieldOffset(16)] public ulong Sequence;
}
