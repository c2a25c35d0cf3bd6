using System.Runtime.InteropServices;

namespace SplitVmm.GpuProcess.Protocol;

/// <summary><c>struct virtio_gpu_resource_create_3d</c> (virtio 1.3 section 5.7.6.9, fields of <c>linux/virtio_gpu.h</c>).</summary>
[StructLayout(LayoutKind.Explicit, Size = 72)]
public struct VirtioGpuResourceCreate3d
{
    /// <summary>Bit of <see cref="Flags"/>: row 0 is the top one.</summary>
    public const uint VIRTIO_GPU_RESOURCE_FLAG_Y_0_TOP = 1 << 0;

    [FieldOffset(0)] public VirtioGpuCtrlHdr Hdr;
    [FieldOffset(24)] public uint ResourceId;
    [FieldOffset(28)] public uint Target;
    [FieldOffset(32)] public uint Format;
    [FieldOffset(36)] public uint Bind;
    [FieldOffset(40)] public uint Width;
    [FieldOffset(44)] public uint Height;
    [FieldOffset(48)] public uint Depth;
    [FieldOffset(52)] public uint ArraySize;
    [FieldOffset(56)] public uint LastLevel;
    [FieldOffset(60)] public uint NrSamples;
    [FieldOffset(64)] public uint Flags;
}

/// <summary><c>struct virtio_gpu_box</c>, also <c>struct virgl_box</c> of virglrenderer.</summary>
[StructLayout(LayoutKind.Explicit, Size = 24)]
public struct VirtioGpuBox
{
    [FieldOffset(0)] public uint X;
    [FieldOffset(4)] public uint Y;
    [FieldOffset(8)] public uint Z;
    [FieldOffset(12)] public uint W;
    [FieldOffset(16)] public uint H;
    [FieldOffset(20)] public uint D;
}

/// <summary><c>struct virtio_gpu_transfer_host_3d</c>: the request of both transfer directions.</summary>
[StructLayout(LayoutKind.Explicit, Size = 72)]
public struct VirtioGpuTransferHost3d
{
    [FieldOffset(0)] public VirtioGpuCtrlHdr Hdr;
    [FieldOffset(24)] public VirtioGpuBox Box;
    [FieldOffset(48)] public ulong Offset;
    [FieldOffset(56)] public uint ResourceId;
    [FieldOffset(60)] public uint Level;
    [FieldOffset(64)] public uint Stride;
    [FieldOffset(68)] public uint LayerStride;
}
