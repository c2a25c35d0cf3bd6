using System.Runtime.InteropServices;

namespace SplitVmm.GpuProcess.Protocol;

/// <summary><c>struct virtio_gpu_ctrl_hdr</c> (virtio 1.3 section 5.7.6.7): starts every request and response.</summary>
[StructLayout(LayoutKind.Explicit, Size = 24)]
public struct VirtioGpuCtrlHdr
{
    [FieldOffset(0)] public VirtioGpuCtrlType Type;
    [FieldOffset(4)] public VirtioGpuFlags Flags;

    /// <summary>Repeated in the response if <see cref="VirtioGpuFlags.VIRTIO_GPU_FLAG_FENCE"/> is set.</summary>
    [FieldOffset(8)] public ulong FenceId;

    /// <summary>Rendering context, in 3D commands.</summary>
    [FieldOffset(16)] public uint CtxId;

    /// <summary>Timeline of the context, if <see cref="VirtioGpuFlags.VIRTIO_GPU_FLAG_INFO_RING_IDX"/> is set.</summary>
    [FieldOffset(20)] public byte RingIdx;
}
