using System.Runtime.InteropServices;

namespace SplitVmm.Virtio.Queues;

/// <summary><c>struct virtq_desc</c> (virtio 1.3 section 2.7.5), 16 bytes, little-endian.</summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
public struct VirtqDescriptor
{
    /// <summary>Guest-physical address of the buffer, or of the indirect table.</summary>
    [FieldOffset(0)]
    public ulong Address;

    /// <summary>Length in bytes.</summary>
    [FieldOffset(8)]
    public uint Length;

    /// <summary>Bits <c>VIRTQ_DESC_F_*</c> of <see cref="SplitRing"/>.</summary>
    [FieldOffset(12)]
    public ushort Flags;

    /// <summary>Index of the next descriptor, if <see cref="SplitRing.VIRTQ_DESC_F_NEXT"/> is set.</summary>
    [FieldOffset(14)]
    public ushort Next;
}
