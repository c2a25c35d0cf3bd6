using SplitVmm.Virtio.Memory;

namespace SplitVmm.Virtio.Queues;

/// <summary>
/// One request of the driver: the device-readable bytes, then the device-writable ones. The objects belong to a
/// <see cref="SplitQueue"/> and are used again: between <see cref="SplitQueue.TryPop"/> and
/// <see cref="SplitQueue.Push"/> the device holds the chain, afterwards it must not touch it. Any number up to
/// the queue size can be outstanding, and be given back in any order.
/// </summary>
public sealed unsafe class DescriptorChain
{
    private ChainSegment[] _segments = new ChainSegment[8];
    private int _readable;
    private int _count;
    private GuestMemory? _memory;

    internal DescriptorChain(SplitQueue queue) => Queue = queue;

    /// <summary>The queue that the chain came from and goes back to.</summary>
    public SplitQueue Queue { get; }

    /// <summary>Index of the first descriptor, which identifies the request to the driver.</summary>
    public ushort Head { get; private set; }

    /// <summary>
    /// The request's number in the in-flight record, which no other request of the queue has, also under another
    /// process; 0 without such a record.
    /// </summary>
    public ulong Number { get; internal set; }

    /// <summary>Whether an earlier process took it, and did not give it back.</summary>
    public bool IsRecovered { get; internal set; }

    /// <summary>What the driver wrote for the device, in order.</summary>
    public ReadOnlySpan<ChainSegment> Readable => _segments.AsSpan(0, _readable);

    /// <summary>Where the device may answer, in order.</summary>
    public ReadOnlySpan<ChainSegment> Writable => _segments.AsSpan(_readable, _count - _readable);

    /// <summary>Bytes of <see cref="Readable"/>.</summary>
    public uint ReadableLength { get; private set; }

    /// <summary>Bytes of <see cref="Writable"/>.</summary>
    public uint WritableLength { get; private set; }

    /// <summary>A reader from the first device-readable byte.</summary>
    public ChainReader CreateReader() => new(Readable, ReadableLength);

    /// <summary>A writer from the first device-writable byte.</summary>
    public ChainWriter CreateWriter() => new(Writable, WritableLength);

    internal bool IsOutstanding => _memory is not null;

    internal void Begin(ushort head, GuestMemory memory)
    {
        memory.Acquire();
        _memory = memory;
        Head = head;
        Number = 0;
        IsRecovered = false;
        _readable = 0;
        _count = 0;
        ReadableLength = 0;
        WritableLength = 0;
    }

    internal void End()
    {
        GuestMemory? memory = _memory;
        _memory = null;
        _readable = 0;
        _count = 0;
        memory?.Release();
    }

    /// <summary>Adds the buffer of one descriptor, which becomes several segments where it crosses regions.</summary>
    internal QueueError Append(in VirtqDescriptor descriptor)
    {
        bool writable = (descriptor.Flags & SplitRing.VIRTQ_DESC_F_WRITE) != 0;
        if (descriptor.Length == 0)
        {
            return QueueError.EmptyDescriptor;
        }

        if (!writable && _count > _readable)
        {
            return QueueError.ReadableAfterWritable;
        }

        if (descriptor.Length > uint.MaxValue - (writable ? WritableLength : ReadableLength))
        {
            return QueueError.ChainTooLarge;
        }

        ulong address = descriptor.Address;
        uint left = descriptor.Length;
        while (left > 0)
        {
            if (!_memory!.TryGetRun(address, out byte* host, out ulong run))
            {
                return QueueError.BufferOutsideMemory;
            }

            uint part = (uint)Math.Min(run, left);
            if (_count == _segments.Length)
            {
                Array.Resize(ref _segments, _count * 2);
            }

            // part <= run: the segment lies in one region of _memory, which this chain holds.
            _segments[_count++] = new ChainSegment(host, part, address);
            left -= part;
            address += part;
            if (address == 0 && left > 0)
            {
                return QueueError.BufferOutsideMemory;
            }
        }

        if (writable)
        {
            WritableLength += descriptor.Length;
        }
        else
        {
            _readable = _count;
            ReadableLength += descriptor.Length;
        }

        return QueueError.None;
    }
}
