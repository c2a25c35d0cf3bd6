using System.Runtime.CompilerServices;

namespace SplitVmm.Virtio.Memory;

/// <summary>
/// An immutable set of guest memory regions. Every access is bounds-checked with checked arithmetic and reports
/// failure as a value: addresses come from the guest. Everything read here can change under the reader: copy
/// once, then check the copy.
/// </summary>
/// <remarks>
/// The set is reference-counted, because a front end may replace the memory table while chains of the old one
/// are still being worked on. The creator holds one reference; <see cref="Acquire"/> adds one. The mappings go
/// with the last <see cref="Release"/>.
/// </remarks>
public sealed unsafe class GuestMemory
{
    private readonly GuestMemoryRegion[] _regions;
    private int _references = 1;

    private GuestMemory(GuestMemoryRegion[] sorted)
    {
        _regions = sorted;
        foreach (GuestMemoryRegion region in sorted)
        {
            region.Join();
        }
    }

    /// <summary>The regions, sorted by guest address, without overlap.</summary>
    public ReadOnlySpan<GuestMemoryRegion> Regions => _regions;

    /// <summary>A set of no regions, in which every access fails.</summary>
    public static GuestMemory CreateEmpty() => new([]);

    /// <summary>
    /// Makes a set with one reference. False if two regions overlap, by guest or by user address, or one wraps
    /// around the end of either address space. The regions are then untouched.
    /// </summary>
    public static bool TryCreate(ReadOnlySpan<GuestMemoryRegion> regions, out GuestMemory? memory)
    {
        memory = null;
        GuestMemoryRegion[] sorted = regions.ToArray();
        Array.Sort(sorted, static (left, right) => left.UserAddress.CompareTo(right.UserAddress));
        for (int i = 0; i < sorted.Length; i++)
        {
            ulong? next = i + 1 < sorted.Length ? sorted[i + 1].UserAddress : null;
            if (!Fits(sorted[i].UserAddress, sorted[i].Size, next))
            {
                return false;
            }
        }

        Array.Sort(sorted, static (left, right) => left.GuestAddress.CompareTo(right.GuestAddress));
        for (int i = 0; i < sorted.Length; i++)
        {
            ulong? next = i + 1 < sorted.Length ? sorted[i + 1].GuestAddress : null;
            if (!Fits(sorted[i].GuestAddress, sorted[i].Size, next))
            {
                return false;
            }
        }

        memory = new GuestMemory(sorted);
        return true;
    }

    /// <summary>Adds a reference. Only a holder of one may call it.</summary>
    public void Acquire()
    {
        if (Interlocked.Increment(ref _references) <= 1)
        {
            _ = Interlocked.Decrement(ref _references);
            ObjectDisposedException.ThrowIf(true, this);
        }
    }

    /// <summary>Gives one reference back; with the last the regions leave this set.</summary>
    public void Release()
    {
        int left = Interlocked.Decrement(ref _references);
        if (left < 0)
        {
            _ = Interlocked.Increment(ref _references);
            ObjectDisposedException.ThrowIf(true, this);
        }

        if (left == 0)
        {
            foreach (GuestMemoryRegion region in _regions)
            {
                region.Leave();
            }
        }
    }

    /// <summary>
    /// The host address of <paramref name="length"/> bytes at <paramref name="guestAddress"/>. False unless all of
    /// them lie in one region: two regions that touch in the guest need not touch here (<see cref="TryGetRun"/>).
    /// </summary>
    public bool TryTranslate(ulong guestAddress, ulong length, out byte* host)
    {
        if (TryGetRun(guestAddress, out host, out ulong run) && length <= run)
        {
            return true;
        }

        host = null;
        return false;
    }

    /// <summary>The host address of one byte, and how many bytes follow it in the same region (itself included).</summary>
    public bool TryGetRun(ulong guestAddress, out byte* host, out ulong run)
    {
        if (FindRegion(guestAddress) is { } region)
        {
            ulong offset = guestAddress - region.GuestAddress;
            // offset < Size, as the region was found by it; its mapping covers Size bytes.
            host = region.Host + offset;
            run = region.Size - offset;
            return true;
        }

        host = null;
        run = 0;
        return false;
    }

    /// <summary>The region of one byte; null: there is none.</summary>
    public GuestMemoryRegion? FindRegion(ulong guestAddress)
    {
        int low = 0;
        int high = _regions.Length - 1;
        while (low <= high)
        {
            int middle = (low + high) >>> 1;
            GuestMemoryRegion region = _regions[middle];
            if (guestAddress < region.GuestAddress)
            {
                high = middle - 1;
            }
            else if (guestAddress - region.GuestAddress >= region.Size)
            {
                low = middle + 1;
            }
            else
            {
                return region;
            }
        }

        return null;
    }

    /// <summary>Whether a range lies wholly in one region.</summary>
    public bool IsContiguous(ulong guestAddress, ulong length) => TryTranslate(guestAddress, length, out _);

    /// <summary>The guest-physical address of a front-end user address (vhost-user: "user addresses").</summary>
    public bool TryTranslateUserAddress(ulong userAddress, out ulong guestAddress)
    {
        foreach (GuestMemoryRegion region in _regions)
        {
            ulong offset = userAddress - region.UserAddress;
            if (userAddress >= region.UserAddress && offset < region.Size)
            {
                guestAddress = region.GuestAddress + offset;
                return true;
            }
        }

        guestAddress = 0;
        return false;
    }

    /// <summary>The user address by which this set's front end names a guest-physical address.</summary>
    public bool TryGetUserAddress(ulong guestAddress, out ulong userAddress)
    {
        foreach (GuestMemoryRegion region in _regions)
        {
            ulong offset = guestAddress - region.GuestAddress;
            if (guestAddress >= region.GuestAddress && offset < region.Size)
            {
                userAddress = region.UserAddress + offset;
                return true;
            }
        }

        userAddress = 0;
        return false;
    }

    /// <summary>Copies one value out of the guest.</summary>
    public bool TryRead<T>(ulong guestAddress, out T value)
        where T : unmanaged
    {
        if (TryTranslate(guestAddress, (ulong)sizeof(T), out byte* host))
        {
            value = Unsafe.ReadUnaligned<T>(host);
            return true;
        }

        T copy = default;
        bool read = TryRead(guestAddress, new Span<byte>(&copy, sizeof(T)));
        value = copy;
        return read;
    }

    /// <summary>Copies one value into the guest.</summary>
    public bool TryWrite<T>(ulong guestAddress, in T value)
        where T : unmanaged
    {
        if (TryTranslate(guestAddress, (ulong)sizeof(T), out byte* host))
        {
            Unsafe.WriteUnaligned(host, value);
            return true;
        }

        T copy = value;
        return TryWrite(guestAddress, new ReadOnlySpan<byte>(&copy, sizeof(T)));
    }

    /// <summary>Fills <paramref name="destination"/> from the guest, across regions that touch. False: nothing is promised of it.</summary>
    public bool TryRead(ulong guestAddress, Span<byte> destination)
    {
        if (!Covers(guestAddress, (ulong)destination.Length))
        {
            return false;
        }

        while (!destination.IsEmpty)
        {
            _ = TryGetRun(guestAddress, out byte* host, out ulong run);
            int part = (int)Math.Min(run, (ulong)destination.Length);
            // run bytes at host belong to a region of this set, which the caller holds.
            new ReadOnlySpan<byte>(host, part).CopyTo(destination);
            destination = destination[part..];
            guestAddress += (ulong)part;
        }

        return true;
    }

    /// <summary>Copies <paramref name="source"/> into the guest, across regions that touch. False: nothing was written.</summary>
    public bool TryWrite(ulong guestAddress, ReadOnlySpan<byte> source)
    {
        if (!Covers(guestAddress, (ulong)source.Length))
        {
            return false;
        }

        while (!source.IsEmpty)
        {
            _ = TryGetRun(guestAddress, out byte* host, out ulong run);
            int part = (int)Math.Min(run, (ulong)source.Length);
            // run bytes at host belong to a region of this set, which the caller holds.
            source[..part].CopyTo(new Span<byte>(host, part));
            source = source[part..];
            guestAddress += (ulong)part;
        }

        return true;
    }

    /// <summary>Whether all of the range is guest memory, in one region or in several that touch.</summary>
    public bool Covers(ulong guestAddress, ulong length)
    {
        while (length > 0)
        {
            if (!TryGetRun(guestAddress, out _, out ulong run))
            {
                return false;
            }

            if (run >= length)
            {
                return true;
            }

            length -= run;
            // Wraps only after a region that ends at 2^64; the next look-up then starts at 0.
            guestAddress += run;
            if (guestAddress == 0)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether a range ends before the next one starts, or (for the last one) before the address space ends.</summary>
    private static bool Fits(ulong start, ulong size, ulong? next) =>
        next is { } limit ? size <= limit - start : size - 1 <= ulong.MaxValue - start;
}
