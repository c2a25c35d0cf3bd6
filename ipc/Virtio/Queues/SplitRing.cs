namespace SplitVmm.Virtio.Queues;

/// <summary>
/// Layout of the split virtqueue (virtio 1.3 section 2.7): sizes, offsets, alignments and flags.
/// <code>
/// descriptor table   16 bytes each   { le64 addr, le32 len, le16 flags, le16 next }
/// available ring     le16 flags, le16 idx, le16 ring[size], le16 used_event
/// used ring          le16 flags, le16 idx, { le32 id, le32 len } ring[size], le16 avail_event
/// </code>
/// </summary>
public static class SplitRing
{
    public const ushort VIRTQ_DESC_F_NEXT = 1;
    public const ushort VIRTQ_DESC_F_WRITE = 2;
    public const ushort VIRTQ_DESC_F_INDIRECT = 4;
    public const ushort VIRTQ_AVAIL_F_NO_INTERRUPT = 1;
    public const ushort VIRTQ_USED_F_NO_NOTIFY = 1;

    /// <summary>The largest queue size (section 2.7).</summary>
    public const int MaxSize = 32768;

    public const int DescriptorSize = 16;
    public const int DescriptorTableAlignment = 16;
    public const int AvailableRingAlignment = 2;
    public const int UsedRingAlignment = 4;

    /// <summary>Offset of <c>idx</c> in both rings.</summary>
    public const int IndexOffset = 2;

    /// <summary>Offset of <c>ring[0]</c> in both rings.</summary>
    public const int EntriesOffset = 4;

    public static ulong DescriptorTableBytes(int size) => (ulong)size * DescriptorSize;

    public static ulong AvailableRingBytes(int size) => 6 + (2 * (ulong)size);

    public static ulong UsedRingBytes(int size) => 6 + (8 * (ulong)size);

    /// <summary>Whether <paramref name="size"/> is a power of two from 1 to <see cref="MaxSize"/>.</summary>
    public static bool IsValidSize(int size) => size is > 0 and <= MaxSize && (size & (size - 1)) == 0;
}
