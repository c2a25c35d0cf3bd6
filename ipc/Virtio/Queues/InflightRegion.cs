using System.Runtime.InteropServices;
using SplitVmm.Platform.Memory;

namespace SplitVmm.Virtio.Queues;

/// <summary>
/// The record of one split queue in vhost-user's in-flight table ("Inflight I/O tracking"): which chains a device
/// has taken and not given back. It lies in memory that outlives the process, so that the next one takes them again.
/// <code>
/// 0  le64 features   8  le16 version   10  le16 desc_num   12  le16 last_batch_head   14  le16 used_idx
/// 16 + 16 i   u8 inflight, u8 padding[5], le16 next, le64 counter
/// </code>
/// What an earlier process left there is not trusted: every index is checked.
/// </summary>
public sealed unsafe class InflightRegion
{
    private const ushort Version = 1;
    private const int Alignment = 64;

    private readonly SharedMapping _mapping;
    private readonly QueueRegionSplit* _region;
    private readonly DescStateSplit* _states;
    private ulong _counter;

    /// <param name="mapping">The table; must stay mapped while this object is used.</param>
    /// <param name="offset">Where the record starts, a multiple of 8.</param>
    /// <param name="size">The queue size.</param>
    /// <exception cref="ArgumentOutOfRangeException">The record does not lie inside the mapping.</exception>
    public InflightRegion(SharedMapping mapping, nuint offset, int size)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(offset % sizeof(ulong), 0u);
        // Slice checks that the whole record lies inside the mapping.
        _ = mapping.Slice(offset, checked((int)BytesFor(size)));
        _mapping = mapping;
        _region = (QueueRegionSplit*)(mapping.Pointer + offset);
        _states = (DescStateSplit*)(mapping.Pointer + offset + sizeof(QueueRegionSplit));
        Size = size;
    }

    /// <summary>The queue size.</summary>
    public int Size { get; }

    /// <summary>Bytes of one record, a multiple of 64.</summary>
    public static ulong BytesFor(int size) =>
        (ulong)(sizeof(QueueRegionSplit) + (size * sizeof(DescStateSplit)) + Alignment - 1) / Alignment * Alignment;

    /// <summary>Forgets everything: after a reset of the device nothing is in flight.</summary>
    public void Clear() => _mapping.Slice((nuint)((byte*)_region - _mapping.Pointer), (int)BytesFor(Size)).Clear();

    /// <summary>
    /// Finds the chains that were taken and not given back, in the order in which they were taken, and puts the
    /// record in order.
    /// </summary>
    /// <param name="usedIndex">The used index that the driver sees.</param>
    /// <param name="heads">Their heads; empty if the record is new.</param>
    /// <returns>False if the record is new: then nothing is known of an earlier process.</returns>
    internal bool TryRecover(ushort usedIndex, out ushort[] heads)
    {
        heads = [];
        if (_region->Version != Version || _region->DescNum != (ushort)Size)
        {
            Clear();
            _region->DescNum = (ushort)Size;
            _region->UsedIdx = usedIndex;
            Volatile.Write(ref _region->Version, Version);
            return false;
        }

        CompleteLastBatch(usedIndex);
        var found = new List<(ulong Counter, ushort Head)>();
        for (int head = 0; head < Size; head++)
        {
            // No number is given twice, not even one of a chain that was given back.
            _counter = Math.Max(_counter, _states[head].Counter + 1);
            if (_states[head].Inflight != 0)
            {
                found.Add((_states[head].Counter, (ushort)head));
            }
        }

        found.Sort();
        heads = new ushort[found.Count];
        for (int i = 0; i < heads.Length; i++)
        {
            heads[i] = found[i].Head;
        }

        return true;
    }

    /// <summary>A chain was taken from the available ring.</summary>
    /// <returns>Its number.</returns>
    internal ulong Take(ushort head)
    {
        // head is below the queue size, as is every index that reaches these methods.
        _states[head].Counter = _counter;
        Volatile.Write(ref _states[head].Inflight, 1);
        return _counter++;
    }

    /// <summary>The number of a chain that was taken.</summary>
    internal ulong NumberOf(ushort head) => _states[head].Counter;

    /// <summary>A chain is about to appear in the used ring.</summary>
    internal void BeginUse(ushort head)
    {
        _states[head].Next = _region->LastBatchHead;
        Volatile.Write(ref _region->LastBatchHead, head);
    }

    /// <summary>The driver can see it: the used index is now <paramref name="usedIndex"/>.</summary>
    internal void EndUse(ushort head, ushort usedIndex)
    {
        Volatile.Write(ref _states[head].Inflight, 0);
        Volatile.Write(ref _region->UsedIdx, usedIndex);
    }

    /// <summary>The earlier process died between making its last batch visible and noting so.</summary>
    private void CompleteLastBatch(ushort usedIndex)
    {
        int batch = (ushort)(usedIndex - _region->UsedIdx);
        int head = _region->LastBatchHead;
        for (int i = 0; i < batch && i < Size && head < Size; i++)
        {
            _states[head].Inflight = 0;
            head = _states[head].Next;
        }

        _region->UsedIdx = usedIndex;
    }

    /// <summary><c>QueueRegionSplit</c>, 16 bytes.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 16)]
    internal struct QueueRegionSplit
    {
        [FieldOffset(0)]
        public ulong Features;

        [FieldOffset(8)]
        public ushort Version;

        [FieldOffset(10)]
        public ushort DescNum;

        [FieldOffset(12)]
        public ushort LastBatchHead;

        [FieldOffset(14)]
        public ushort UsedIdx;
    }

    /// <summary><c>DescStateSplit</c>, 16 bytes.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 16)]
    internal struct DescStateSplit
    {
        [FieldOffset(0)]
        public byte Inflight;

        [FieldOffset(6)]
        public ushort Next;

        [FieldOffset(8)]
        public ulong Counter;
    }
}
