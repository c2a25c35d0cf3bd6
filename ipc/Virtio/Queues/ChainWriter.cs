namespace SplitVmm.Virtio.Queues;

/// <summary>
/// Copies into the device-writable part of a chain, across its segments. A write that does not fit writes
/// nothing. <see cref="Written"/> is what <see cref="SplitQueue.Push"/> wants to know.
/// </summary>
public unsafe ref struct ChainWriter
{
    private ReadOnlySpan<ChainSegment> _segments;
    private uint _offset;

    internal ChainWriter(ReadOnlySpan<ChainSegment> segments, uint length)
    {
        _segments = segments;
        Remaining = length;
    }

    /// <summary>Bytes of room left.</summary>
    public uint Remaining { get; private set; }

    /// <summary>Bytes written so far.</summary>
    public uint Written { get; private set; }

    /// <summary>Writes one value, little-endian as the guest reads it.</summary>
    public bool TryWrite<T>(in T value)
        where T : unmanaged
    {
        T copy = value;
        return TryWrite(new ReadOnlySpan<byte>(&copy, sizeof(T)));
    }

    /// <summary>Writes all of <paramref name="source"/>.</summary>
    public bool TryWrite(scoped ReadOnlySpan<byte> source)
    {
        if ((uint)source.Length > Remaining)
        {
            return false;
        }

        while (!source.IsEmpty)
        {
            Span<byte> part = Take((uint)source.Length);
            source[..part.Length].CopyTo(part);
            source = source[part.Length..];
        }

        return true;
    }

    /// <summary>Writes as much of <paramref name="source"/> as there is room for.</summary>
    /// <returns>Bytes written.</returns>
    public int WriteUpTo(scoped ReadOnlySpan<byte> source)
    {
        int length = (int)Math.Min(Remaining, (uint)source.Length);
        _ = TryWrite(source[..length]);
        return length;
    }

    /// <summary>Writes <paramref name="length"/> zeroes.</summary>
    public bool TryFill(uint length)
    {
        if (length > Remaining)
        {
            return false;
        }

        while (length > 0)
        {
            Span<byte> part = Take(length);
            part.Clear();
            length -= (uint)part.Length;
        }

        return true;
    }

    /// <summary>The next room, as far as it is contiguous, counted as written: the caller fills all of it.</summary>
    public Span<byte> TakeContiguous(uint atMost) => Remaining == 0 || atMost == 0 ? [] : Take(atMost);

    private Span<byte> Take(uint atMost)
    {
        ChainSegment segment = _segments[0];
        uint part = Math.Min(Math.Min(atMost, segment.Length - _offset), int.MaxValue);
        // part bytes from _offset lie in the segment, which its chain keeps mapped.
        var bytes = new Span<byte>(segment.Host + _offset, (int)part);
        _offset += part;
        Remaining -= part;
        Written += part;
        if (_offset == segment.Length)
        {
            _segments = _segments[1..];
            _offset = 0;
        }

        return bytes;
    }
}
