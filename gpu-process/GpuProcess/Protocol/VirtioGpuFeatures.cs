namespace SplitVmm.GpuProcess.Protocol;

/// <summary>Feature bits of the device, as masks (virtio 1.3 section 5.7.3).</summary>
public static class VirtioGpuFeatures
{
    /// <summary>3D commands are supported.</summary>
    public const ulong VIRTIO_GPU_F_VIRGL = 1UL << 0;

    /// <summary>VIRTIO_GPU_CMD_GET_EDID is supported.</summary>
    public const ulong VIRTIO_GPU_F_EDID = 1UL << 1;

    /// <summary>VIRTIO_GPU_CMD_RESOURCE_ASSIGN_UUID is supported.</summary>
    public const ulong VIRTIO_GPU_F_RESOURCE_UUID = 1UL << 2;

    public const ulong VIRTIO_GPU_F_RESOURCE_BLOB = 1UL << 3;

    public const ulong VIRTIO_GPU_F_CONTEXT_INIT = 1UL << 4;

    public const ulong VIRTIO_GPU_F_BLOB_ALIGNMENT = 1UL << 5;
}
