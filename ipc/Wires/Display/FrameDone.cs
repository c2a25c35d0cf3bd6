using System.Runtime.InteropServices;

namespace SplitVmm.Wires.Display;

/// <summary>The sink has copied or replaced the frame: its buffer may be written again, and the next frame is welcome.</summary>
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
