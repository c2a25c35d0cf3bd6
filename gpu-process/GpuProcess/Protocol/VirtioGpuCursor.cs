using System.Runtime.InteropServices;

namespace SplitVmm.GpuProcess.Protocol;

/// <summary><c>struct virtio_gpu_cursor_pos</c> (virtio 1.3 section 5.7.6.10).</summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
public struct VirtioGpuCursorPos
{
    [FieldOffset(0)] public uint ScanoutId;

    /// <summary>Unsigned on the wire; drivers put negative positions there in two's complement.</summary>
    [FieldOffset(4)] public uint X;

    /// <summary>As <see cref="X"/>.</summary>
    [FieldOffset(8)] public uint Y;
}

/// <summary><c>struct virtio_gpu_update_cursor</c> (virtio 1.3 section 5.7.6.10): both commands of the cursor queue.</summary>
[StructLayout(LayoutKind.Explicit, Size = 56)]
public struct VirtioGpuUpdateCursor
{
    [FieldOffset(0)] public VirtioGpuCtrlHdr Hdr;
    [FieldOffset(24)] public VirtioGpuCursorPos Pos;

    /// <summary>0 hides the cursor.</summary>
    [FieldOffset(40)] public uint ResourceId;

    [FieldOffset(44)] public uint HotX;
    [FieldOffset(48)] public uint HotY;
}
