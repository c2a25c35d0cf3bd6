using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Memory;

namespace SplitVmm.Virtio.Memory;

/// <summary>
/// A contiguous piece of guest-physical memory and where it is mapped in this process. Regions are immutable and
/// may be shared by successive <see cref="GuestMemory"/> sets; the mapping goes when the last set goes.
/// </summary>
public sealed unsafe class GuestMemoryRegion
{
    private readonly SharedMapping _mapping;
    private readonly Descriptor? _file;
    private readonly bool _owned;
    private int _sets;

    private GuestMemoryRegion(
        ulong guestAddress, ulong size, SharedMapping mapping, nuint mappingOffset, Descriptor? file, ulong fileOffset,
        ulong? userAddress, bool owned)
    {
        ArgumentOutOfRangeException.ThrowIfZero(size);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(mappingOffset, mapping.Length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, mapping.Length - mappingOffset);
        _mapping = mapping;
        _file = file;
        _owned = owned;
        Host = mapping.Pointer + mappingOffset;
        GuestAddress = guestAddress;
        Size = size;
        FileOffset = fileOffset;
        UserAddress = userAddress ?? (ulong)Host;
    }

    /// <summary>Guest-physical address of the first byte.</summary>
    public ulong GuestAddress { get; }

    /// <summary>Bytes, never zero.</summary>
    public ulong Size { get; }

    /// <summary>Where <see cref="File"/> holds the first byte.</summary>
    public ulong FileOffset { get; }

    /// <summary>
    /// The address by which the vhost-user front end names the first byte; its own mapping's address, which means
    /// nothing else in another process.
    /// </summary>
    public ulong UserAddress { get; }

    /// <summary>The memory object, for whoever shares the region; null where it was not kept.</summary>
    public Descriptor? File => _file;

    /// <summary>The first byte in this process; valid while a <see cref="GuestMemory"/> with this region is held.</summary>
    public byte* Host { get; }

    /// <summary>
    /// Describes memory that somebody else owns and keeps mapped for the whole life of every set made of it: the
    /// RAM of vmm-core. The user address is that of the mapping.
    /// </summary>
    public static GuestMemoryRegion Borrow(
        ulong guestAddress, ulong size, SharedMapping mapping, nuint mappingOffset, Descriptor file, ulong fileOffset) =>
        new(guestAddress, size, mapping, mappingOffset, file, fileOffset, userAddress: null, owned: false);

    /// <summary>
    /// Takes ownership of a mapping, and of its file where that is kept: they go with the last set. For memory that a front
    /// end offered.
    /// </summary>
    public static GuestMemoryRegion Own(
        ulong guestAddress, ulong size, SharedMapping mapping, nuint mappingOffset, ulong fileOffset, ulong userAddress,
        Descriptor? file = null) =>
        new(guestAddress, size, mapping, mappingOffset, file, fileOffset, userAddress, owned: true);

    /// <summary>Unmaps an owned region that is part of no set, because no set could be made of it.</summary>
    public void Discard()
    {
        if (Volatile.Read(ref _sets) == 0 && _owned)
        {
            _mapping.Dispose();
            _file?.Dispose();
        }
    }

    internal void Join() => Interlocked.Increment(ref _sets);

    internal void Leave()
    {
        if (Interlocked.Decrement(ref _sets) == 0 && _owned)
        {
            _mapping.Dispose();
            _file?.Dispose();
        }
    }
}
