using System.Runtime.InteropServices;

namespace SplitVmm.Wires.Display;

/// <summary>
/// Where the guest has its cursor: the hot spot, in pixels of the scanout, possibly outside it by as much as
/// <see cref="DisplayProtocol.MaxDimension"/>.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
public struct CursorPosition
{
    [FieldOffset(0)] public uint Scanout;
    [FieldOffset(4)] public int X;
    [FieldOffset(8)] public int Y;

    /// <summary>Zero.</summary>
    [FieldOffset(12)] public uint Reserved;
}
