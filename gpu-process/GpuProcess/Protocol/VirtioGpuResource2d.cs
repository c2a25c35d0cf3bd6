using System.Runtime.InteropServices;

namespace SplitVmm.GpuProcess.Protocol;

/// <summary><c>struct virtio_gpu_resource_create_2d</c> (virtio 1.3 section 5.7.6.8).</summary>
[StructLayout(LayoutKind.Explicit, Size = 40)]
public struct VirtioGpuResourceCreate2d
{
    [FieldOffset(0)] public VirtioGpuCtrlHdr Hdr;
    [FieldOffset(24)] public uint ResourceId;
    [FieldOffset(28)] public VirtioGpuFormats Format;
    [FieldOffset(32)] public uint Width;
    [FieldOffset(36)] public uint Height;
}

/// <summary><c>struct virtio_gpu_set_scanout</c> (virtio 1.3 section 5.7.6.8).</summary>
[StructLayout(LayoutKind.Explicit, Size = 48)]
public struct VirtioGpuSetScanout
{
    [FieldOffset(0)] public VirtioGpuCtrlHdr Hdr;
    [FieldOffset(24)] public VirtioGpuRect R;
    [FieldOffset(40)] public uint ScanoutId;

    /// <summary>0 disables the scanout.</summary>
    [FieldOffset(44)] public uint ResourceId;
}

/// <summary><c>struct virtio_gpu_resource_flush</c> (virtio 1.3 section 5.7.6.8).</summary>
[StructLayout(LayoutKind.Explicit, Size = 48)]
public struct VirtioGpuResourceFlush
{
    [FieldOffset(0)] public VirtioGpuCtrlHdr Hdr;
    [FieldOffset(24)] public VirtioGpuRect R;
    [FieldOffset(40)] public uint ResourceId;
}

/// <summary><c>struct virtio_gpu_transfer_to_host_2d</c> (virtio 1.3 section 5.7.6.8).</summary>
[StructLayout(LayoutKind.Explicit, Size = 56)]
public struct VirtioGpuTransferToHost2d
{
    [FieldOffset(0)] public VirtioGpuCtrlHdr Hdr;
    [FieldOffset(24)] public VirtioGpuRect R;

    /// <summary>Bytes into the backing where the rectangle's first pixel lies.</summary>
    [FieldOffset(40)] public ulong Offset;

    [FieldOffset(48)] public uint ResourceId;
}
