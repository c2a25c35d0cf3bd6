using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SplitVmm.VhostUser.Messages;

/// <summary>"MMAP request", 40 bytes: the payload of SHMEM_MAP and SHMEM_UNMAP.</summary>
[StructLayout(LayoutKind.Explicit, Size = 40)]
public struct VhostUserMMap
{
    /// <summary>Bit of <see cref="Flags"/>: pages are mapped read-write, not read-only.</summary>
    public const ulong VHOST_USER_FLAG_MAP_RW = 1;

    /// <summary>Which shared memory region of the device (virtio 1.3 section 2.10).</summary>
    [FieldOffset(0)]
    public byte ShmId;

    /// <summary>Where the mapping begins in the file, in bytes.</summary>
    [FieldOffset(8)]
    public ulong FdOffset;

    /// <summary>Where it begins in the region.</summary>
    [FieldOffset(16)]
    public ulong ShmOffset;

    [FieldOffset(24)]
    public ulong Length;

    [FieldOffset(32)]
    public ulong Flags;
}

/// <summary>The array of <see cref="VhostUserShMemConfig"/>: the size of each region in bytes, by its id; 0: there is none.</summary>
[InlineArray(Count)]
public struct VhostUserShMemSizes
{
    public const int Count = 256;

    private ulong _first;
}

/// <summary>"VIRTIO Shared Memory Region configuration", 2056 bytes: the answer to GET_SHMEM_CONFIG.</summary>
[StructLayout(LayoutKind.Explicit, Size = 8 + (8 * VhostUserShMemSizes.Count))]
public struct VhostUserShMemConfig
{
    /// <summary>How many of the sizes are not zero.</summary>
    [FieldOffset(0)]
    public uint NumRegions;

    [FieldOffset(8)]
    public VhostUserShMemSizes Sizes;
}
