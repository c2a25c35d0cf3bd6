using System.Runtime.InteropServices;

namespace SplitVmm.Wires.Display;

/// <summary>
/// A part of the picture that differs from what the previous frame of this scanout showed (whichever buffer
/// that was in). Pixels from the picture's top left corner, also where the memory is bottom-up.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
public struct DamageRectangle
{
    [FieldOffset(0)] public uint X;
    [FieldOffset(4)] public uint Y;

    /// <summary>At least 1; the rectangle lies inside the scanout.</summary>
    [FieldOffset(8)] public uint Width;

    /// <summary>At least 1; the rectangle lies inside the scanout.</summary>
    [FieldOffset(12)] public uint Height;
}
