using SplitVmm.GpuProcess.Protocol;
using SplitVmm.Platform.Descriptors;
using SplitVmm.VhostUser.BackEnd;
using static SplitVmm.GpuProcess.Protocol.VirtioGpuCtrlType;

namespace SplitVmm.GpuProcess.Blobs;

/// <summary>
/// The host-visible window as this device sees it. The window itself is vmm-core's, which decides what may be mapped
/// where; here is only what knows blobs.
/// </summary>
/// <param name="size">Bytes; 0: there is no window.</param>
internal sealed class BlobWindow(ulong size, IBlobRenderer? renderer, Action<string> log)
{
    /// <summary>VIRTIO_GPU_SHM_ID_HOST_VISIBLE (virtio 1.3 section 5.7.4.1).</summary>
    public const byte RegionId = 1;

    public ulong Size => size;

    /// <summary>Who maps; null: nobody yet.</summary>
    public ISharedMemoryMapper? Mapper { get; set; }

    /// <summary>VIRTIO_GPU_CMD_RESOURCE_MAP_BLOB.</summary>
    /// <param name="cache">How the guest is to map it.</param>
    public VirtioGpuCtrlType Map(BlobResource blob, ulong offset, out VirtioGpuMapInfo cache)
    {
        cache = VirtioGpuMapInfo.VIRTIO_GPU_MAP_CACHE_CACHED;
        bool mappable = (blob.Flags & VirtioGpuBlobFlags.VIRTIO_GPU_BLOB_FLAG_USE_MAPPABLE) != 0
            && blob.Mem != VirtioGpuBlobMem.VIRTIO_GPU_BLOB_MEM_GUEST;
        if (!mappable || blob.MappedAt is not null || offset % BlobResource.PageSize != 0
            || offset > size || blob.MappedSize > size - offset)
        {
            return VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER;
        }

        if (blob.Memory is { } memory)
        {
            return Map(blob, offset, memory.File);
        }

        if (renderer is null)
        {
            return VIRTIO_GPU_RESP_ERR_UNSPEC;
        }

        if (!renderer.TryExport(blob, out Descriptor? file, out cache, out string why))
        {
            log($"blob {blob.Id} cannot be mapped: {why}");
            return VIRTIO_GPU_RESP_ERR_UNSPEC;
        }

        using (file)
        {
            return Map(blob, offset, file);
        }
    }

    /// <summary>VIRTIO_GPU_CMD_RESOURCE_UNMAP_BLOB. False if it is not mapped.</summary>
    public bool TryUnmap(BlobResource blob)
    {
        if (blob.MappedAt is not { } offset)
        {
            return false;
        }

        blob.MappedAt = null;
        // Refused, it is because the mapping was taken away already: the guest gets what it wants.
        _ = Mapper?.TryUnmap(RegionId, offset, blob.MappedSize);
        return true;
    }

    private VirtioGpuCtrlType Map(BlobResource blob, ulong offset, Descriptor file)
    {
        if (Mapper?.TryMap(RegionId, offset, blob.MappedSize, file, 0) != true)
        {
            return VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER;
        }

        blob.MappedAt = offset;
        return VIRTIO_GPU_RESP_OK_MAP_INFO;
    }
}
