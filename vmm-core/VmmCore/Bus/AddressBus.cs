namespace SplitVmm.VmmCore.Bus;

/// <summary>
/// Finds the region that serves an address. One instance is the memory bus, another the port bus. Lookups come
/// from every vCPU thread and take no lock: changes (a guest moving a BAR) replace a sorted array. A bus is itself
/// a region: a BAR that holds several structures is one.
/// </summary>
public sealed class AddressBus : IMmioRegion
{
    private readonly Lock _changing = new();
    private volatile Entry[] _entries = [];

    /// <summary>Adds a region. False if the range is empty, wraps, or overlaps another region.</summary>
    public bool TryAdd(ulong start, ulong length, IMmioRegion region)
    {
        if (length == 0 || start > ulong.MaxValue - (length - 1))
        {
            return false;
        }

        lock (_changing)
        {
            Entry[] old = _entries;
            int at = 0;
            while (at < old.Length && old[at].Start < start)
            {
                at++;
            }

            bool overlapsBefore = at > 0 && old[at - 1].Last >= start;
            bool overlapsAfter = at < old.Length && old[at].Start <= start + (length - 1);
            if (overlapsBefore || overlapsAfter)
            {
                return false;
            }

            var changed = new Entry[old.Length + 1];
            Array.Copy(old, changed, at);
            changed[at] = new Entry(start, start + (length - 1), region);
            Array.Copy(old, at, changed, at + 1, old.Length - at);
            _entries = changed;
            return true;
        }
    }

    /// <summary>Removes the region that starts at <paramref name="start"/>; false if there is none.</summary>
    public bool Remove(ulong start)
    {
        lock (_changing)
        {
            int at = Array.FindIndex(_entries, entry => entry.Start == start);
            if (at < 0)
            {
                return false;
            }

            var changed = new Entry[_entries.Length - 1];
            Array.Copy(_entries, changed, at);
            Array.Copy(_entries, at + 1, changed, at, changed.Length - at);
            _entries = changed;
            return true;
        }
    }

    /// <summary>Serves a guest read; an address nobody serves, or an access over a region's end, reads as all ones.</summary>
    public void Read(ulong offset, Span<byte> data)
    {
        if (Find(offset, data.Length) is { } entry)
        {
            entry.Region.Read(offset - entry.Start, data);
        }
        else
        {
            data.Fill(0xFF);
        }
    }

    /// <summary>Serves a guest write; one that nobody serves is dropped, as on a real bus.</summary>
    public void Write(ulong offset, ReadOnlySpan<byte> data)
    {
        if (Find(offset, data.Length) is { } entry)
        {
            entry.Region.Write(offset - entry.Start, data);
        }
    }

    private Entry? Find(ulong address, int width)
    {
        Entry[] entries = _entries;
        int low = 0;
        int high = entries.Length - 1;
        while (low <= high)
        {
            int middle = (low + high) >>> 1;
            Entry entry = entries[middle];
            if (address < entry.Start)
            {
                high = middle - 1;
            }
            else if (address > entry.Last)
            {
                low = middle + 1;
            }
            else
            {
                return entry.Last - address >= (ulong)width - 1 ? entry : null;
            }
        }

        return null;
    }

    private sealed record Entry(ulong Start, ulong Last, IMmioRegion Region);
}
