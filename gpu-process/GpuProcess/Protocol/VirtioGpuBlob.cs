using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SplitVmm.GpuProcess.Protocol;

/// <summary>Where the memory of a blob is (virtio 1.3 section 5.7.6.8).</summary>
public enum VirtioGpuBlobMem : uint
{
    None = 0,

    /// <summary>Guest pages.</summary>
    VIRTIO_GPU_BLOB_MEM_GUEST = 1,

    /// <summary>Memory of the host, which a context has named by the blob's id.</summary>
    VIRTIO_GPU_BLOB_MEM_HOST3D = 2,

    /// <summary>Both, and transfers between the two.</summary>
    VIRTIO_GPU_BLOB_MEM_HOST3D_GUEST = 3,
}

/// <summary>What the guest wants to do with a blob.</summary>
[Flags]
public enum VirtioGpuBlobFlags : uint
{
    None = 0,
    VIRTIO_GPU_BLOB_FLAG_USE_MAPPABLE = 1,
    VIRTIO_GPU_BLOB_FLAG_USE_SHAREABLE = 2,
    VIRTIO_GPU_BLOB_FLAG_USE_CROSS_DEVICE = 4,
}

/// <summary>
/// <c>struct virtio_gpu_resource_create_blob</c> (virtio 1.3 section 5.7.6.8), followed by <see cref="NrEntries"/> times
/// <see cref="VirtioGpuMemEntry"/>. The context of the blob id is named in the header.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 56)]
public struct VirtioGpuResourceCreateBlob
{
    [FieldOffset(0)] public VirtioGpuCtrlHdr Hdr;
    [FieldOffset(24)] public uint ResourceId;
    [FieldOffset(28)] public VirtioGpuBlobMem BlobMem;
    [FieldOffset(32)] public VirtioGpuBlobFlags BlobFlags;
    [FieldOffset(36)] public uint NrEntries;
    [FieldOffset(40)] public ulong BlobId;
    [FieldOffset(48)] public ulong Size;
}

/// <summary>The arrays of <see cref="VirtioGpuSetScanoutBlob"/>: one number for each plane.</summary>
[InlineArray(4)]
public struct VirtioGpuPlanes
{
    private uint _first;
}

/// <summary><c>struct virtio_gpu_set_scanout_blob</c> (virtio 1.3 section 5.7.6.8).</summary>
[StructLayout(LayoutKind.Explicit, Size = 96)]
public struct VirtioGpuSetScanoutBlob
{
    [FieldOffset(0)] public VirtioGpuCtrlHdr Hdr;

    /// <summary>The part of the picture that is shown.</summary>
    [FieldOffset(24)] public VirtioGpuRect R;

    [FieldOffset(40)] public uint ScanoutId;
    [FieldOffset(44)] public uint ResourceId;

    /// <summary>Pixels of the picture in the blob.</summary>
    [FieldOffset(48)] public uint Width;
    [FieldOffset(52)] public uint Height;
    [FieldOffset(56)] public VirtioGpuFormats Format;

    /// <summary>Bytes from one row to the next.</summary>
    [FieldOffset(64)] public VirtioGpuPlanes Strides;

    /// <summary>Where the first row begins.</summary>
    [FieldOffset(80)] public VirtioGpuPlanes Offsets;
}

/// <summary><c>struct virtio_gpu_resource_map_blob</c> (virtio 1.3 section 5.7.6.8).</summary>
[StructLayout(LayoutKind.Explicit, Size = 40)]
public struct VirtioGpuResourceMapBlob
{
    [FieldOffset(0)] public VirtioGpuCtrlHdr Hdr;
    [FieldOffset(24)] public uint ResourceId;

    /// <summary>In the host-visible window.</summary>
    [FieldOffset(32)] public ulong Offset;
}

/// <summary>How a guest is to map memory (<c>VIRTIO_GPU_MAP_CACHE_*</c>).</summary>
public enum VirtioGpuMapInfo : uint
{
    VIRTIO_GPU_MAP_CACHE_NONE = 0,
    VIRTIO_GPU_MAP_CACHE_CACHED = 1,
    VIRTIO_GPU_MAP_CACHE_UNCACHED = 2,
    VIRTIO_GPU_MAP_CACHE_WC = 3,
}

/// <summary><c>struct virtio_gpu_resp_map_info</c> (virtio 1.3 section 5.7.6.8).</summary>
[StructLayout(LayoutKind.Explicit, Size = 32)]
public struct VirtioGpuRespMapInfo
{
    /// <summary>Bits of <see cref="MapInfo"/> that hold the cache attribute.</summary>
    public const uint VIRTIO_GPU_MAP_CACHE_MASK = 0xF;

    [FieldOffset(0)] public VirtioGpuCtrlHdr Hdr;
    [FieldOffset(24)] public VirtioGpuMapInfo MapInfo;
}
