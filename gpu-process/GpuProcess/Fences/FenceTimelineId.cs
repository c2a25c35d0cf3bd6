namespace SplitVmm.GpuProcess.Fences;

/// <summary>A timeline of fences: the global one, or that of a ring of a context (VIRTIO_GPU_F_CONTEXT_INIT).</summary>
/// <param name="Context">The context; 0 only in <see cref="Global"/>.</param>
/// <param name="Ring">The ring of the context, 0 to 63.</param>
internal readonly record struct FenceTimelineId(uint Context, uint Ring)
{
    /// <summary>Rings of a context: <c>ring_idx</c> is below it (virtio 1.3 section 5.7.6.7).</summary>
    public const uint MaxRings = 64;

    /// <summary>The timeline of everything that names no ring.</summary>
    public static FenceTimelineId Global => default;
}
