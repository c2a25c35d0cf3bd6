namespace SplitVmm.Virtio.Queues;

/// <summary>
/// Copies out of the device-readable part of a chain, across its segments. Each byte is fetched once: what was
/// copied can no longer change. A read that does not fit takes nothing.
/// </summary>
public unsafe ref struct ChainReader
{
    private ReadOnlySpan<ChainSegment> _segments;
    private uint _offset;

    internal ChainReader(ReadOnlySpan<ChainSegment> segments, uint length)
    {
        _segments = segments;
        Remaining = length;
    }

    /// <summary>Bytes not yet read.</summary>
    public uint Remaining { get; private set; }

    /// <summary>Reads one value, little-endian as the guest wrote it.</summary>
    public bool TryRead<T>(out T value)
        where T : unmanaged
    {
        T copy = default;
        bool read = TryRead(new Span<byte>(&copy, sizeof(T)));
        value = copy;
        return read;
    }

    /// <summary>Fills <paramref name="destination"/>.</summary>
    public bool TryRead(scoped Span<byte> destination)
    {
        if ((uint)destination.Length > Remaining)
        {
            return false;
        }

        while (!destination.IsEmpty)
        {
            ReadOnlySpan<byte> part = Take((uint)destination.Length);
            part.CopyTo(destination);
            destination = destination[part.Length..];
        }

        return true;
    }

    /// <summary>Reads as much as there is, at most the length of <paramref name="destination"/>.</summary>
    /// <returns>Bytes read.</returns>
    public int ReadUpTo(scoped Span<byte> destination)
    {
        int length = (int)Math.Min(Remaining, (uint)destination.Length);
        _ = TryRead(destination[..length]);
        return length;
    }

    /// <summary>Passes over <paramref name="length"/> bytes.</summary>
    public bool TrySkip(uint length)
    {
        if (length > Remaining)
        {
            return false;
        }

        while (length > 0)
        {
            length -= (uint)Take(length).Length;
        }

        return true;
    }

    /// <summary>
    /// Takes the next bytes without copying, as far as they are contiguous. The guest can change them while they
    /// are looked at: only for bulk data that is not interpreted.
    /// </summary>
    public ReadOnlySpan<byte> TakeContiguous(uint atMost) => Remaining == 0 || atMost == 0 ? [] : Take(atMost);

    private ReadOnlySpan<byte> Take(uint atMost)
    {
        ChainSegment segment = _segments[0];
        uint part = Math.Min(Math.Min(atMost, segment.Length - _offset), int.MaxValue);
        // part bytes from _offset lie in the segment, which its chain keeps mapped.
        var bytes = new ReadOnlySpan<byte>(segment.Host + _offset, (int)part);
        _offset += part;
        Remaining -= part;
        if (_offset == segment.Length)
        {
            _segments = _segments[1..];
            _offset = 0;
        }

        return bytes;
    }
}
