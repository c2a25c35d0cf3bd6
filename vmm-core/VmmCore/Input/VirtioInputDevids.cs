using System.Runtime.InteropServices;

namespace SplitVmm.VmmCore.Input;

/// <summary><c>struct virtio_input_devids</c> (virtio 1.3 section 5.8.4).</summary>
[StructLayout(LayoutKind.Explicit, Size = 8)]
public struct VirtioInputDevids
{
    [FieldOffset(0)] public ushort Bustype;
    [FieldOffset(2)] public ushort Vendor;
    [FieldOffset(4)] public ushort Product;
    [FieldOffset(6)] public ushort Version;
}
