using SplitVmm.GpuProcess.Protocol;
using SplitVmm.Wires.Display;

namespace SplitVmm.GpuProcess.Resources;

/// <summary>What the formats of <see cref="VirtioGpuFormats"/> have in common, and their names on the display wire.</summary>
internal static class PixelFormats
{
    /// <summary>Bytes of a pixel, in all of them.</summary>
    public const uint BytesPerPixel = 4;

    public static bool IsKnown(uint format) => ToFourcc(format) != DrmFourcc.None;

    /// <returns>None for a format that no 2D resource and no scanout can have.</returns>
    public static DrmFourcc ToFourcc(uint format) => (VirtioGpuFormats)format switch
    {
        VirtioGpuFormats.VIRTIO_GPU_FORMAT_B8G8R8A8_UNORM => DrmFourcc.DRM_FORMAT_ARGB8888,
        VirtioGpuFormats.VIRTIO_GPU_FORMAT_B8G8R8X8_UNORM => DrmFourcc.DRM_FORMAT_XRGB8888,
        VirtioGpuFormats.VIRTIO_GPU_FORMAT_A8R8G8B8_UNORM => DrmFourcc.DRM_FORMAT_BGRA8888,
        VirtioGpuFormats.VIRTIO_GPU_FORMAT_X8R8G8B8_UNORM => DrmFourcc.DRM_FORMAT_BGRX8888,
        VirtioGpuFormats.VIRTIO_GPU_FORMAT_R8G8B8A8_UNORM => DrmFourcc.DRM_FORMAT_ABGR8888,
        VirtioGpuFormats.VIRTIO_GPU_FORMAT_X8B8G8R8_UNORM => DrmFourcc.DRM_FORMAT_RGBX8888,
        VirtioGpuFormats.VIRTIO_GPU_FORMAT_A8B8G8R8_UNORM => DrmFourcc.DRM_FORMAT_RGBA8888,
        VirtioGpuFormats.VIRTIO_GPU_FORMAT_R8G8B8X8_UNORM => DrmFourcc.DRM_FORMAT_XBGR8888,
        _ => DrmFourcc.None,
    };
}
