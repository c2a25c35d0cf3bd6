using System.Runtime.InteropServices;

namespace SplitVmm.VmmCore.Input;

/// <summary><c>struct virtio_input_absinfo</c> (virtio 1.3 section 5.8.4).</summary>
[StructLayout(LayoutKind.Explicit, Size = 20)]
public struct VirtioInputAbsInfo
{
    [FieldOffset(0)] public uint Min;
    [FieldOffset(4)] public uint Max;
    [FieldOffset(8)] public uint Fuzz;
    [FieldOffset(12)] public uint Flat;

    /// <summary>Units per millimetre; 0 if unknown.</summary>
    [FieldOffset(16)] public uint Res;
}
