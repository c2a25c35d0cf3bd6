using System.Runtime.InteropServices;

namespace SplitVmm.Wires.Display;

/// <summary>Where one plane of a picture lies in the dma-buf that comes for it.</summary>
[StructLayout(LayoutKind.Explicit, Size = 8)]
public struct DmaBufPlane
{
    /// <summary>Bytes from the start of the dma-buf.</summary>
    [FieldOffset(0)] public uint Offset;

    /// <summary>Bytes from one row to the next, as the modifier defines it.</summary>
    [FieldOffset(4)] public uint Stride;
}
