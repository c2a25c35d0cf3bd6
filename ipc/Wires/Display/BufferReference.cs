using System.Runtime.InteropServices;

namespace SplitVmm.Wires.Display;

/// <summary>
/// Names a buffer of a scanout of dma-bufs; body of <see cref="DisplayMessageType.BufferForget"/> and
/// <see cref="DisplayMessageType.BufferRefused"/>.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
public struct BufferReference
{
    [FieldOffset(0)] public uint Scanout;

    [FieldOffset(4)] public uint Generation;

    [FieldOffset(8)] public uint Buffer;

    /// <summary>Zero.</summary>
    [FieldOffset(12)] public uint Reserved;
}
