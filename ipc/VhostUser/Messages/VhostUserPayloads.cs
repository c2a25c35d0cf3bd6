using System.Runtime.InteropServices;

namespace SplitVmm.VhostUser.Messages;

/// <summary>"A vring state description", 8 bytes.</summary>
[StructLayout(LayoutKind.Explicit, Size = 8)]
public struct VhostVringState
{
    [FieldOffset(0)]
    public uint Index;

    [FieldOffset(4)]
    public uint Num;
}

/// <summary>"A vring address description", 40 bytes. Ring addresses are user addresses of the front end.</summary>
[StructLayout(LayoutKind.Explicit, Size = 40)]
public struct VhostVringAddr
{
    /// <summary>Flag: writes to the used ring are to be logged at <see cref="Log"/>.</summary>
    public const uint VHOST_VRING_F_LOG = 1;

    [FieldOffset(0)]
    public uint Index;

    [FieldOffset(4)]
    public uint Flags;

    [FieldOffset(8)]
    public ulong Descriptor;

    [FieldOffset(16)]
    public ulong Used;

    [FieldOffset(24)]
    public ulong Available;

    [FieldOffset(32)]
    public ulong Log;
}

/// <summary>The head of "Memory regions description", 8 bytes; the regions follow.</summary>
[StructLayout(LayoutKind.Explicit, Size = 8)]
public struct VhostUserMemoryHeader
{
    /// <summary>The most regions that one SET_MEM_TABLE carries.</summary>
    public const int VHOST_MEMORY_BASELINE_NREGIONS = 8;

    [FieldOffset(0)]
    public uint NumRegions;

    [FieldOffset(4)]
    public uint Padding;
}

/// <summary>One region of "Memory regions description", 32 bytes.</summary>
[StructLayout(LayoutKind.Explicit, Size = 32)]
public struct VhostUserMemoryRegion
{
    [FieldOffset(0)]
    public ulong GuestAddress;

    [FieldOffset(8)]
    public ulong Size;

    [FieldOffset(16)]
    public ulong UserAddress;

    [FieldOffset(24)]
    public ulong MmapOffset;
}

/// <summary>"Single memory region description", 40 bytes.</summary>
[StructLayout(LayoutKind.Explicit, Size = 40)]
public struct VhostUserSingleMemoryRegion
{
    [FieldOffset(0)]
    public ulong Padding;

    [FieldOffset(8)]
    public VhostUserMemoryRegion Region;
}

/// <summary>The head of "Virtio device config space", 12 bytes; <see cref="Size"/> bytes follow.</summary>
[StructLayout(LayoutKind.Explicit, Size = 12)]
public struct VhostUserConfigHeader
{
    /// <summary>The most bytes of configuration space in one message, as other implementations have it.</summary>
    public const int VHOST_USER_MAX_CONFIG_SIZE = 256;

    /// <summary>Flag value: the guest wrote a writable field.</summary>
    public const uint VHOST_SET_CONFIG_TYPE_FRONTEND = 0;

    /// <summary>Flag value: the space is restored after live migration.</summary>
    public const uint VHOST_SET_CONFIG_TYPE_MIGRATION = 1;

    [FieldOffset(0)]
    public uint Offset;

    [FieldOffset(4)]
    public uint Size;

    [FieldOffset(8)]
    public uint Flags;
}

/// <summary>"Inflight description", 24 bytes: 20 of fields, padded as the C structure of other implementations is.</summary>
[StructLayout(LayoutKind.Explicit, Size = 24)]
public struct VhostUserInflight
{
    /// <summary>Bytes that the fields take, without the padding; a peer may send either size.</summary>
    public const int PackedSize = 20;

    /// <summary>Bytes with the padding.</summary>
    public const int PaddedSize = 24;

    [FieldOffset(0)]
    public ulong MmapSize;

    [FieldOffset(8)]
    public ulong MmapOffset;

    [FieldOffset(16)]
    public ushort NumQueues;

    [FieldOffset(18)]
    public ushort QueueSize;
}
