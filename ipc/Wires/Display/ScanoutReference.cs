using System.Runtime.InteropServices;

namespace SplitVmm.Wires.Display;

/// <summary>Names a scanout; body of <see cref="DisplayMessageType.ScanoutDisable"/> and <see cref="DisplayMessageType.CursorHide"/>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 8)]
public struct ScanoutReference
{
    [FieldOffset(0)] public uint Scanout;

    /// <summary>Zero.</summary>
    [FieldOffset(4)] public uint Reserved;
}
