using SplitVmm.GpuProcess.Protocol;
using static SplitVmm.GpuProcess.Protocol.VirtioGpuCtrlType;

namespace SplitVmm.GpuProcess.Tests.Blobs;

/// <summary>Requests about blobs, in one line each.</summary>
internal static class BlobRequests
{
    public const VirtioGpuBlobFlags Mappable = VirtioGpuBlobFlags.VIRTIO_GPU_BLOB_FLAG_USE_MAPPABLE;

    public static VirtioGpuResourceCreateBlob Guest(uint id, ulong size, int entries) => new()
    {
        Hdr = { Type = VIRTIO_GPU_CMD_RESOURCE_CREATE_BLOB },
        ResourceId = id,
        BlobMem = VirtioGpuBlobMem.VIRTIO_GPU_BLOB_MEM_GUEST,
        BlobFlags = VirtioGpuBlobFlags.VIRTIO_GPU_BLOB_FLAG_USE_SHAREABLE,
        NrEntries = (uint)entries,
        Size = size,
    };

    public static VirtioGpuResourceCreateBlob Host(uint id, ulong size, VirtioGpuBlobFlags flags = Mappable, uint context = 0) => new()
    {
        Hdr = { Type = VIRTIO_GPU_CMD_RESOURCE_CREATE_BLOB, CtxId = context },
        ResourceId = id,
        BlobMem = VirtioGpuBlobMem.VIRTIO_GPU_BLOB_MEM_HOST3D,
        BlobFlags = flags,
        Size = size,
    };

    public static VirtioGpuResourceMapBlob Map(uint id, ulong offset) =>
        new() { Hdr = { Type = VIRTIO_GPU_CMD_RESOURCE_MAP_BLOB }, ResourceId = id, Offset = offset };

    public static VirtioGpuSetScanoutBlob Scanout(uint id, uint width, uint height, VirtioGpuRect? area = null, uint stride = 0, uint offset = 0)
    {
        var request = new VirtioGpuSetScanoutBlob
        {
            Hdr = { Type = VIRTIO_GPU_CMD_SET_SCANOUT_BLOB },
            R = area ?? new VirtioGpuRect(0, 0, width, height),
            ResourceId = id,
            Width = width,
            Height = height,
            Format = VirtioGpuFormats.VIRTIO_GPU_FORMAT_B8G8R8X8_UNORM,
        };
        request.Strides[0] = stride == 0 ? width * 4 : stride;
        request.Offsets[0] = offset;
        return request;
    }
}
