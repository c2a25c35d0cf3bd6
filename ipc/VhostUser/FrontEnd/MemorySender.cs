using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SplitVmm.Platform.Descriptors;
using SplitVmm.VhostUser.Messages;
using SplitVmm.Virtio.Memory;

namespace SplitVmm.VhostUser.FrontEnd;

/// <summary>Shares guest memory with the back end, and knows what is shared.</summary>
internal sealed class MemorySender(RequestLink link) : IDisposable
{
    private GuestMemory? _shared;

    /// <summary>The most regions that the back end takes one by one.</summary>
    public int MaxSlots { get; set; } = VhostUserMemoryHeader.VHOST_MEMORY_BASELINE_NREGIONS;

    /// <summary>The user address of a range that lies wholly in one shared region.</summary>
    public bool TryName(ulong guestAddress, ulong length, out ulong userAddress)
    {
        userAddress = 0;
        return _shared is { } shared && shared.IsContiguous(guestAddress, length)
            && shared.TryGetUserAddress(guestAddress, out userAddress);
    }

    public VhostUserResult Send(GuestMemory memory, bool bySlots)
    {
        int most = bySlots ? MaxSlots : VhostUserMemoryHeader.VHOST_MEMORY_BASELINE_NREGIONS;
        if (memory.Regions.Length > most)
        {
            return VhostUserResult.Refused;
        }

        foreach (GuestMemoryRegion region in memory.Regions)
        {
            if (region.File is null)
            {
                throw new ArgumentException("a region without a descriptor cannot be shared", nameof(memory));
            }
        }

        VhostUserResult result = bySlots ? SendDifference(memory) : SendTable(memory);
        if (result == VhostUserResult.Done)
        {
            memory.Acquire();
            _shared?.Release();
            _shared = memory;
        }

        return result;
    }

    public void Dispose()
    {
        _shared?.Release();
        _shared = null;
    }

    private VhostUserResult SendTable(GuestMemory memory)
    {
        ReadOnlySpan<GuestMemoryRegion> regions = memory.Regions;
        int prefix = Unsafe.SizeOf<VhostUserMemoryHeader>();
        int step = Unsafe.SizeOf<VhostUserMemoryRegion>();
        Span<byte> payload = stackalloc byte[prefix + (regions.Length * step)];
        var header = new VhostUserMemoryHeader { NumRegions = (uint)regions.Length };
        MemoryMarshal.Write(payload, in header);
        var files = new Descriptor[regions.Length];
        for (int i = 0; i < regions.Length; i++)
        {
            VhostUserMemoryRegion described = Describe(regions[i]);
            MemoryMarshal.Write(payload[(prefix + (i * step))..], in described);
            files[i] = regions[i].File!;
        }

        return link.Order(VhostUserRequest.SET_MEM_TABLE, payload, files);
    }

    /// <summary>First what goes, so that what comes may overlap it.</summary>
    private VhostUserResult SendDifference(GuestMemory memory)
    {
        foreach (GuestMemoryRegion region in _shared is { } shared ? shared.Regions : [])
        {
            if (!Contains(memory.Regions, region))
            {
                VhostUserResult removed = SendOne(VhostUserRequest.REM_MEM_REG, region, []);
                if (removed != VhostUserResult.Done)
                {
                    return removed;
                }
            }
        }

        foreach (GuestMemoryRegion region in memory.Regions)
        {
            if (_shared is null || !Contains(_shared.Regions, region))
            {
                VhostUserResult added = SendOne(VhostUserRequest.ADD_MEM_REG, region, region.File!);
                if (added != VhostUserResult.Done)
                {
                    return added;
                }
            }
        }

        return VhostUserResult.Done;
    }

    private VhostUserResult SendOne(VhostUserRequest request, GuestMemoryRegion region, params ReadOnlySpan<Descriptor> file)
    {
        var payload = new VhostUserSingleMemoryRegion { Region = Describe(region) };
        return link.Order(request, MemoryMarshal.AsBytes(new ReadOnlySpan<VhostUserSingleMemoryRegion>(in payload)), file);
    }

    private static VhostUserMemoryRegion Describe(GuestMemoryRegion region) => new()
    {
        GuestAddress = region.GuestAddress,
        Size = region.Size,
        UserAddress = region.UserAddress,
        MmapOffset = region.FileOffset,
    };

    private static bool Contains(ReadOnlySpan<GuestMemoryRegion> regions, GuestMemoryRegion wanted)
    {
        foreach (GuestMemoryRegion region in regions)
        {
            if (region.GuestAddress == wanted.GuestAddress && region.Size == wanted.Size
                && region.UserAddress == wanted.UserAddress)
            {
                return true;
            }
        }

        return false;
    }
}
