using System.Runtime.InteropServices;

namespace SplitVmm.GpuProcess.Protocol;

/// <summary>Capability sets (virtio 1.3 section 5.7.6.8); DRM from the Linux header <c>drm/virtgpu_drm.h</c>.</summary>
public enum VirtioGpuCapsetId : uint
{
    None = 0,
    VIRTIO_GPU_CAPSET_VIRGL = 1,
    VIRTIO_GPU_CAPSET_VIRGL2 = 2,
    VIRTIO_GPU_CAPSET_GFXSTREAM = 3,
    VIRTIO_GPU_CAPSET_VENUS = 4,
    VIRTIO_GPU_CAPSET_CROSS_DOMAIN = 5,
    VIRTIO_GPU_CAPSET_DRM = 6,
}

/// <summary><c>struct virtio_gpu_get_capset_info</c> (virtio 1.3 section 5.7.6.8).</summary>
[StructLayout(LayoutKind.Explicit, Size = 32)]
public struct VirtioGpuGetCapsetInfo
{
    [FieldOffset(0)] public VirtioGpuCtrlHdr Hdr;

    /// <summary>Below <see cref="VirtioGpuConfig.NumCapsets"/>.</summary>
    [FieldOffset(24)] public uint CapsetIndex;
}

/// <summary><c>struct virtio_gpu_resp_capset_info</c> (virtio 1.3 section 5.7.6.8).</summary>
[StructLayout(LayoutKind.Explicit, Size = 40)]
public struct VirtioGpuRespCapsetInfo
{
    [FieldOffset(0)] public VirtioGpuCtrlHdr Hdr;
    [FieldOffset(24)] public VirtioGpuCapsetId CapsetId;
    [FieldOffset(28)] public uint CapsetMaxVersion;

    /// <summary>Bytes of the largest version.</summary>
    [FieldOffset(32)] public uint CapsetMaxSize;
}

/// <summary><c>struct virtio_gpu_get_capset</c> (virtio 1.3 section 5.7.6.8). The answer is a header and the set.</summary>
[StructLayout(LayoutKind.Explicit, Size = 32)]
public struct VirtioGpuGetCapset
{
    [FieldOffset(0)] public VirtioGpuCtrlHdr Hdr;
    [FieldOffset(24)] public VirtioGpuCapsetId CapsetId;
    [FieldOffset(28)] public uint CapsetVersion;
}
