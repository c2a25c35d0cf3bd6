namespace SplitVmm.Virtio.Queues;

/// <summary>
/// A piece of a buffer that is contiguous in this process. The guest can change its contents at any time; it
/// stays mapped until its chain is given back.
/// </summary>
public readonly unsafe struct ChainSegment
{
    internal ChainSegment(byte* host, uint length, ulong guestAddress)
    {
        Host = host;
        Length = length;
        GuestAddress = guestAddress;
    }

    /// <summary>First byte, valid for <see cref="Length"/> bytes while the chain is outstanding.</summary>
    public byte* Host { get; }

    /// <summary>Bytes, never zero.</summary>
    public uint Length { get; }

    /// <summary>Guest-physical address of the first byte.</summary>
    public ulong GuestAddress { get; }
}
