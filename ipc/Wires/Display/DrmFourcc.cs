namespace SplitVmm.Wires.Display;

/// <summary>
/// The pixel formats of <c>drm_fourcc.h</c> that have a virtio-gpu counterpart (virtio 1.3 section 5.7.6.8).
/// DRM names the bytes of the little-endian word from its top, virtio from its bottom: DRM_FORMAT_XRGB8888 is
/// VIRTIO_GPU_FORMAT_B8G8R8X8_UNORM, bytes B, G, R, X in memory.
/// </summary>
public enum DrmFourcc : uint
{
    None = 0,

    /// <summary>VIRTIO_GPU_FORMAT_B8G8R8X8_UNORM (2), "XR24".</summary>
    DRM_FORMAT_XRGB8888 = 0x34325258,

    /// <summary>VIRTIO_GPU_FORMAT_B8G8R8A8_UNORM (1), "AR24".</summary>
    DRM_FORMAT_ARGB8888 = 0x34325241,

    /// <summary>VIRTIO_GPU_FORMAT_R8G8B8X8_UNORM (134), "XB24".</summary>
    DRM_FORMAT_XBGR8888 = 0x34324258,

    /// <summary>VIRTIO_GPU_FORMAT_R8G8B8A8_UNORM (67), "AB24".</summary>
    DRM_FORMAT_ABGR8888 = 0x34324241,

    /// <summary>VIRTIO_GPU_FORMAT_X8R8G8B8_UNORM (4), "BX24".</summary>
    DRM_FORMAT_BGRX8888 = 0x34325842,

    /// <summary>VIRTIO_GPU_FORMAT_A8R8G8B8_UNORM (3), "BA24".</summary>
    DRM_FORMAT_BGRA8888 = 0x34324142,

    /// <summary>VIRTIO_GPU_FORMAT_X8B8G8R8_UNORM (68), "RX24".</summary>
    DRM_FORMAT_RGBX8888 = 0x34325852,

    /// <summary>VIRTIO_GPU_FORMAT_A8B8G8R8_UNORM (121), "RA24".</summary>
    DRM_FORMAT_RGBA8888 = 0x34324152,
}
