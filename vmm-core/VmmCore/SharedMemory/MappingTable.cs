namespace SplitVmm.VmmCore.SharedMemory;

/// <summary>Which ranges of a window are mapped: ranges in order, none over another. Not thread-safe.</summary>
internal sealed class MappingTable
{
    // By start; binary search finds neighbours, and the number of ranges is bounded.
    private readonly SortedList<ulong, ulong> _lengths = [];

    public int Count => _lengths.Count;

    /// <summary>Adds a range. False if a part of it is mapped already.</summary>
    /// <param name="length">Not 0; the end does not overflow.</param>
    public bool TryAdd(ulong start, ulong length)
    {
        int next = FindFirstFrom(start);
        bool hitsNext = next < _lengths.Count && _lengths.Keys[next] < start + length;
        bool hitsPrevious = next > 0 && _lengths.Keys[next - 1] + _lengths.Values[next - 1] > start;
        if (hitsNext || hitsPrevious)
        {
            return false;
        }

        _lengths.Add(start, length);
        return true;
    }

    /// <summary>Removes a range. False if exactly this one is not there.</summary>
    public bool TryRemove(ulong start, ulong length) =>
        _lengths.TryGetValue(start, out ulong known) && known == length && _lengths.Remove(start);

    public void Clear() => _lengths.Clear();

    /// <summary>Index of the first range that starts at or after an address.</summary>
    private int FindFirstFrom(ulong start)
    {
        int low = 0;
        int high = _lengths.Count;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (_lengths.Keys[middle] < start)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }
}
