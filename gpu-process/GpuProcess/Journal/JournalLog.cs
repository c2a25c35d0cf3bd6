using System.Runtime.InteropServices;

namespace SplitVmm.GpuProcess.Journal;

/// <summary>
/// A map from keys to bytes in <see cref="JournalMemory"/>, whole at every instant: changes are records at the end
/// of an area, and one store of the commit word makes all of them valid. Where little room is left, what lives is
/// copied to the other area, which the next commit makes the valid one.
/// <code>
/// record: 0 le32 bytes (bit 31: the key is gone)  4 le32 CRC-32C of the rest  8 key  24 bytes, padded to 8
/// </code>
/// In a steady state nothing is allocated.
/// </summary>
internal sealed unsafe class JournalLog
{
    public const int RecordHeader = 24;
    private const uint GoneFlag = 1u << 31;

    /// <summary>Kept free of values: room to say of any key that it is gone.</summary>
    private const int Reserve = 64 << 10;

    private readonly JournalMemory _memory;
    private readonly Dictionary<JournalKey, int> _index = [];
    private Entry[] _entries = new Entry[256];
    private int _free = -1;
    private int _used;
    private int _first = -1;
    private int _last = -1;
    private int _area;
    private long _tail;
    private long _live;

    private JournalLog(JournalMemory memory) => _memory = memory;

    /// <summary>Whether an entry could not even be taken out: nothing here is to be believed any more.</summary>
    public bool IsBroken { get; private set; }

    public int Count => _index.Count;

    /// <summary>Bytes of what lives.</summary>
    public long LiveBytes => _live;

    /// <summary>Number of the last commit.</summary>
    public uint Sequence { get; private set; }

    /// <summary>The first entry in the order of their writing; -1: none.</summary>
    public int First => _first;

    private long Limit => _memory.AreaSize - Reserve;

    /// <summary>Takes up what an earlier process committed.</summary>
    /// <returns>False if it is not whole; the log is then empty.</returns>
    public static bool TryOpen(JournalMemory memory, out JournalLog log)
    {
        log = new JournalLog(memory);
        ulong commit = memory.Commit;
        log.Sequence = (uint)(commit >> 32);
        log._area = (int)(commit >> 31) & 1;
        long tail = (long)(commit & 0x7FFF_FFFF) * 8;
        if (tail <= memory.AreaSize && log.TryLoad(tail))
        {
            return true;
        }

        uint sequence = log.Sequence;
        log = new JournalLog(memory) { Sequence = sequence };
        return false;
    }

    public bool Contains(in JournalKey key) => _index.ContainsKey(key);

    public bool TryGet(in JournalKey key, out ReadOnlySpan<byte> value)
    {
        if (_index.TryGetValue(key, out int entry))
        {
            value = Value(entry);
            return true;
        }

        value = default;
        return false;
    }

    /// <summary>The entry after this one; -1: none.</summary>
    public int Next(int entry) => _entries[entry].Next;

    public JournalKey Key(int entry) => _entries[entry].Key;

    /// <summary>The bytes of an entry, in memory that the next change may reuse.</summary>
    public ReadOnlySpan<byte> Value(int entry) =>
        // Offset and length of an entry were checked when it was loaded, or are our own.
        new(_memory.Area(_area) + _entries[entry].Offset + RecordHeader, _entries[entry].Length);

    /// <summary>Sets a value; one that is there already costs only the comparison.</summary>
    /// <returns>False if there is no room: the key then has no value any more.</returns>
    public bool TryPut(in JournalKey key, ReadOnlySpan<byte> value)
    {
        if (TryGet(key, out ReadOnlySpan<byte> former) && former.SequenceEqual(value))
        {
            return true;
        }

        if (!TryBegin(key, value.Length, out Span<byte> room))
        {
            return false;
        }

        value.CopyTo(room);
        End(key, value.Length);
        return true;
    }

    /// <inheritdoc cref="TryPut"/>
    public bool TryPut<T>(in JournalKey key, in T value)
        where T : unmanaged => TryPut(key, MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)));

    /// <summary>The same in two steps: fill the room, then call <see cref="End"/>.</summary>
    public bool TryBegin(in JournalKey key, int length, out Span<byte> room)
    {
        long needed = SizeOf(length);
        if (IsBroken || _tail + needed > Limit || _live + needed > Limit / 4 * 3)
        {
            room = default;
            Remove(key);
            return false;
        }

        // Below Limit, hence inside the area.
        room = new Span<byte>(_memory.Area(_area) + _tail + RecordHeader, length);
        return true;
    }

    public void End(in JournalKey key, int length)
    {
        Seal(key, (uint)length, length);
        Link(key, _tail, length);
        _tail += SizeOf(length);
    }

    public void Remove(in JournalKey key)
    {
        if (!_index.Remove(key, out int entry))
        {
            return;
        }

        Unlink(entry);
        if (_tail + RecordHeader > _memory.AreaSize)
        {
            IsBroken = true;
            return;
        }

        Seal(key, GoneFlag, 0);
        _tail += RecordHeader;
    }

    /// <summary>Makes all changes since the last commit valid at once.</summary>
    public void Commit()
    {
        Sequence++;
        // A broken journal is an empty one: its successor then knows that it knows nothing.
        long tail = IsBroken ? 0 : _tail;
        _memory.Commit = ((ulong)Sequence << 32) | ((ulong)_area << 31) | (ulong)(tail / 8);
    }

    /// <summary>Makes room if little is left. Only between a commit and the next change.</summary>
    public void MakeRoom()
    {
        long garbage = _tail - _live;
        if (_tail > Limit / 4 * 3 && garbage > Limit / 8)
        {
            Compact();
        }
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        _index.Clear();
        _free = -1;
        _used = 0;
        _first = -1;
        _last = -1;
        _live = 0;
        _tail = 0;
        _area ^= 1;
        IsBroken = false;
        Commit();
    }

    /// <summary>Copies what lives to the other area, in order, and commits.</summary>
    internal void Compact()
    {
        byte* from = _memory.Area(_area);
        byte* to = _memory.Area(_area ^ 1);
        long tail = 0;
        for (int i = _first; i >= 0; i = _entries[i].Next)
        {
            ref Entry entry = ref _entries[i];
            long size = SizeOf(entry.Length);
            // Entries do not overlap and lie inside one area: so do their copies, in the other.
            Buffer.MemoryCopy(from + entry.Offset, to + tail, _memory.AreaSize - tail, size);
            entry.Offset = tail;
            tail += size;
        }

        _area ^= 1;
        _tail = tail;
        Sequence--;
        Commit();
    }

    private static long SizeOf(int length) => RecordHeader + ((length + 7L) & ~7L);

    private static uint Checksum(byte* record, int length)
    {
        uint crc = ~0u;
        byte* at = record + 8;
        byte* end = record + RecordHeader + length;
        for (; at + 8 <= end; at += 8)
        {
            crc = System.Numerics.BitOperations.Crc32C(crc, *(ulong*)at);
        }

        for (; at < end; at++)
        {
            crc = System.Numerics.BitOperations.Crc32C(crc, *at);
        }

        return System.Numerics.BitOperations.Crc32C(~crc, *(uint*)record);
    }

    private void Seal(in JournalKey key, uint lengthWord, int length)
    {
        // The caller has seen to room for the header, and TryBegin to that for the bytes.
        byte* record = _memory.Area(_area) + _tail;
        *(uint*)record = lengthWord;
        *(JournalKey*)(record + 8) = key;
        *(uint*)(record + 4) = Checksum(record, length);
    }

    private bool TryLoad(long tail)
    {
        byte* area = _memory.Area(_area);
        while (_tail < tail)
        {
            if (tail - _tail < RecordHeader)
            {
                return false;
            }

            byte* record = area + _tail;
            uint word = *(uint*)record;
            bool gone = (word & GoneFlag) != 0;
            uint length = word & ~GoneFlag;
            JournalKey key = *(JournalKey*)(record + 8);
            // The whole record must lie before the tail before its bytes are looked at.
            if ((gone && length != 0) || length > tail - _tail - RecordHeader || SizeOf((int)length) > tail - _tail
                || key.Kind == JournalKind.None || key.Zero != 0
                || Checksum(record, (int)length) != *(uint*)(record + 4))
            {
                return false;
            }

            if (!gone)
            {
                Link(key, _tail, (int)length);
            }
            else if (_index.Remove(key, out int entry))
            {
                Unlink(entry);
            }

            _tail += SizeOf((int)length);
        }

        return true;
    }

    private void Link(in JournalKey key, long offset, int length)
    {
        ref int slot = ref CollectionsMarshal.GetValueRefOrAddDefault(_index, key, out bool exists);
        if (exists)
        {
            Unlink(slot);
        }

        int entry = _free;
        if (entry >= 0)
        {
            _free = _entries[entry].Next;
        }
        else
        {
            if (_used == _entries.Length)
            {
                Array.Resize(ref _entries, _used * 2);
            }

            entry = _used++;
        }

        _entries[entry] = new Entry { Key = key, Offset = offset, Length = length, Previous = _last, Next = -1 };
        if (_last >= 0)
        {
            _entries[_last].Next = entry;
        }
        else
        {
            _first = entry;
        }

        _last = entry;
        slot = entry;
        _live += SizeOf(length);
    }

    private void Unlink(int index)
    {
        ref Entry entry = ref _entries[index];
        if (entry.Previous >= 0)
        {
            _entries[entry.Previous].Next = entry.Next;
        }
        else
        {
            _first = entry.Next;
        }

        if (entry.Next >= 0)
        {
            _entries[entry.Next].Previous = entry.Previous;
        }
        else
        {
            _last = entry.Previous;
        }

        _live -= SizeOf(entry.Length);
        entry.Next = _free;
        _free = index;
    }

    private struct Entry
    {
        public JournalKey Key;
        public long Offset;
        public int Length;
        public int Previous;
        public int Next;
    }
}
