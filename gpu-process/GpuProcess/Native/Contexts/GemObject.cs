using SplitVmm.GpuProcess.Protocol;

namespace SplitVmm.GpuProcess.Native.Contexts;

/// <summary>A GEM object of one context: made by a command, or imported from another.</summary>
internal sealed class GemObject
{
    /// <summary>The kernel's name for it in the context's file.</summary>
    public required uint Handle { get; init; }

    /// <summary>Bytes, whole pages.</summary>
    public required ulong Size { get; init; }

    /// <summary>How the guest is to map it.</summary>
    public VirtioGpuMapInfo Cache { get; set; } = VirtioGpuMapInfo.VIRTIO_GPU_MAP_CACHE_CACHED;

    /// <summary>The driver gives it to nobody else.</summary>
    public bool IsPrivate { get; init; }

    /// <summary>Made by a command of the context, and counted.</summary>
    public bool IsOwn { get; init; }

    /// <summary>Every submission uses it, without the guest's naming it.</summary>
    public bool IsAlwaysUsed { get; init; }

    /// <summary>The guest's name for it while no resource has it.</summary>
    public uint BlobId { get; init; }
}
