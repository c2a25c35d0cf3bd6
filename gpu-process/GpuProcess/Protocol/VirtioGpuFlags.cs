namespace SplitVmm.GpuProcess.Protocol;

/// <summary>Flags of <see cref="VirtioGpuCtrlHdr"/> (virtio 1.3 section 5.7.6.7).</summary>
[Flags]
public enum VirtioGpuFlags : uint
{
    None = 0,

    /// <summary>The response is sent only after the work is complete, and repeats the fence id.</summary>
    VIRTIO_GPU_FLAG_FENCE = 1 << 0,

    /// <summary>The fence belongs to the timeline (context, ring). Means something only with VIRTIO_GPU_F_CONTEXT_INIT.</summary>
    VIRTIO_GPU_FLAG_INFO_RING_IDX = 1 << 1,
}
