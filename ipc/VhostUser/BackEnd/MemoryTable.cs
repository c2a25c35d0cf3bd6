using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Errors;
using SplitVmm.Platform.Memory;
using SplitVmm.VhostUser.Messages;
using SplitVmm.Virtio.Memory;

namespace SplitVmm.VhostUser.BackEnd;

/// <summary>
/// The front end's memory table as this process has it mapped. Each change makes a new <see cref="GuestMemory"/>;
/// the regions that stay are shared with the old one and not mapped again.
/// </summary>
internal sealed class MemoryTable : IDisposable
{
    /// <summary>What GET_MAX_MEM_SLOTS answers.</summary>
    public const int MaxSlots = 256;

    private const long MinimalUnit = 4096;
    private const long LargestUnit = 1L << 30;

    /// <summary>The set in force; this table holds one reference.</summary>
    public GuestMemory Memory { get; private set; } = GuestMemory.CreateEmpty();

    /// <summary>Maps the regions of a SET_MEM_TABLE; nothing changes if one of them cannot be had.</summary>
    /// <param name="regions">As received.</param>
    /// <param name="files">As many; the caller closes them.</param>
    /// <param name="replaced">The former set, for the caller to release when nobody uses it any more.</param>
    /// <returns>What was wrong; null if nothing.</returns>
    public string? TryReplace(
        ReadOnlySpan<VhostUserMemoryRegion> regions, IReadOnlyList<Descriptor> files, out GuestMemory? replaced)
    {
        replaced = null;
        var mapped = new List<GuestMemoryRegion>(regions.Length);
        string? fault = null;
        for (int i = 0; i < regions.Length && fault is null; i++)
        {
            fault = TryMap(regions[i], files[i], out GuestMemoryRegion? region);
            if (fault is null)
            {
                mapped.Add(region!);
            }
        }

        fault ??= TrySwap(mapped, out replaced);
        if (fault is not null)
        {
            mapped.ForEach(static region => region.Discard());
        }

        return fault;
    }

    /// <summary>ADD_MEM_REG.</summary>
    public string? TryAdd(in VhostUserMemoryRegion added, Descriptor file, out GuestMemory? replaced)
    {
        replaced = null;
        if (Memory.Regions.Length >= MaxSlots)
        {
            return $"more than {MaxSlots} memory slots";
        }

        string? fault = TryMap(added, file, out GuestMemoryRegion? region);
        if (fault is not null)
        {
            return fault;
        }

        fault = TrySwap([.. Memory.Regions, region!], out replaced);
        if (fault is not null)
        {
            region!.Discard();
        }

        return fault;
    }

    /// <summary>REM_MEM_REG; the region is named by guest address, user address and size.</summary>
    public string? TryRemove(in VhostUserMemoryRegion removed, out GuestMemory? replaced)
    {
        replaced = null;
        var left = new List<GuestMemoryRegion>(Memory.Regions.Length);
        foreach (GuestMemoryRegion region in Memory.Regions)
        {
            bool same = region.GuestAddress == removed.GuestAddress && region.UserAddress == removed.UserAddress
                && region.Size == removed.Size;
            if (!same)
            {
                left.Add(region);
            }
        }

        return left.Count == Memory.Regions.Length
            ? $"no memory region of 0x{removed.Size:x} bytes at 0x{removed.GuestAddress:x} to remove"
            : TrySwap(left, out replaced);
    }

    /// <summary>Goes back to no memory at all.</summary>
    /// <returns>The former set, for the caller to release when nobody uses it any more.</returns>
    public GuestMemory Empty()
    {
        GuestMemory former = Memory;
        Memory = GuestMemory.CreateEmpty();
        return former;
    }

    public void Dispose() => Memory.Release();

    private string? TrySwap(List<GuestMemoryRegion> regions, out GuestMemory? replaced)
    {
        replaced = null;
        if (!GuestMemory.TryCreate(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(regions), out GuestMemory? memory))
        {
            return "memory regions overlap or wrap around";
        }

        replaced = Memory;
        Memory = memory!;
        return null;
    }

    private static string? TryMap(in VhostUserMemoryRegion wanted, Descriptor file, out GuestMemoryRegion? region)
    {
        region = null;
        if (!FileFacts.TryGet(file, out FileFacts facts) || !facts.IsRegular)
        {
            return "a memory region is not backed by a file";
        }

        // A mapping beyond the end of its file would raise SIGBUS on the first touch.
        ulong fileSize = (ulong)facts.Size;
        if (wanted.Size == 0 || wanted.MmapOffset > fileSize || wanted.Size > fileSize - wanted.MmapOffset)
        {
            return $"a memory region of 0x{wanted.Size:x} bytes at offset 0x{wanted.MmapOffset:x} in a file of 0x{fileSize:x}";
        }

        // hugetlbfs maps whole huge pages only, and says their size as its block size.
        bool usable = facts.BlockSize is > MinimalUnit and <= LargestUnit && long.IsPow2(facts.BlockSize);
        ulong unit = (ulong)(usable ? facts.BlockSize : MinimalUnit);
        ulong start = wanted.MmapOffset & ~(unit - 1);
        ulong length = (wanted.MmapOffset - start + wanted.Size + unit - 1) & ~(unit - 1);
        SharedMapping mapping;
        Descriptor? kept = null;
        try
        {
            kept = file.Duplicate();
            mapping = SharedMapping.Create(file, (long)start, (nuint)length);
        }
        catch (ErrnoException exception)
        {
            kept?.Dispose();
            return exception.Message;
        }

        region = GuestMemoryRegion.Own(
            wanted.GuestAddress, wanted.Size, mapping, (nuint)(wanted.MmapOffset - start), wanted.MmapOffset, wanted.UserAddress, kept);
        return null;
    }
}
