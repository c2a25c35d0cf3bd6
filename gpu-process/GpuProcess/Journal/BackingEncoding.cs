using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SplitVmm.GpuProcess.Protocol;

namespace SplitVmm.GpuProcess.Journal;

/// <summary>
/// The pieces of a backing in a record: joined where one follows the other, and in 8 bytes each where all are whole
/// pages, as they are for every driver that allocates pages.
/// </summary>
internal readonly struct BackingEncoding
{
    private const int PageShift = 12;
    private const int PagesBits = 24;
    private const uint MaxPiece = 1u << 31;

    private readonly bool _paged;
    private readonly int _count;

    private BackingEncoding(bool paged, int count)
    {
        _paged = paged;
        _count = count;
    }

    /// <summary>Bytes of the record.</summary>
    public int Length => Unsafe.SizeOf<BackingRecord>() + (_count * (_paged ? sizeof(ulong) : Unsafe.SizeOf<VirtioGpuMemEntry>()));

    public static BackingEncoding Choose(ReadOnlySpan<VirtioGpuMemEntry> entries)
    {
        bool paged = true;
        int count = 0;
        for (int i = 0; i < entries.Length; count++)
        {
            (ulong address, uint length) = Join(entries, ref i);
            paged &= ((address | length) & ((1u << PageShift) - 1)) == 0 && address >> (PageShift + 40) == 0;
        }

        return new BackingEncoding(paged, count);
    }

    /// <param name="room"><see cref="Length"/> bytes.</param>
    public void Write(ReadOnlySpan<VirtioGpuMemEntry> entries, Span<byte> room)
    {
        var record = new BackingRecord { Count = (uint)_count, IsPaged = _paged ? 1u : 0 };
        MemoryMarshal.Write(room, in record);
        Span<byte> pieces = room[Unsafe.SizeOf<BackingRecord>()..];
        Span<ulong> runs = MemoryMarshal.Cast<byte, ulong>(pieces);
        Span<VirtioGpuMemEntry> plain = MemoryMarshal.Cast<byte, VirtioGpuMemEntry>(pieces);
        int next = 0;
        for (int i = 0; i < entries.Length; next++)
        {
            (ulong address, uint length) = Join(entries, ref i);
            if (_paged)
            {
                runs[next] = (address >> PageShift << PagesBits) | (length >> PageShift);
            }
            else
            {
                plain[next] = new VirtioGpuMemEntry { Addr = address, Length = length };
            }
        }
    }

    /// <summary>Reads a record, which may say anything.</summary>
    /// <param name="maxEntries">More pieces than that are refused.</param>
    /// <returns>Null if it is not well formed. Whether the pieces lie in guest memory is not checked here.</returns>
    public static VirtioGpuMemEntry[]? Read(ReadOnlySpan<byte> value, uint maxEntries)
    {
        if (value.Length < Unsafe.SizeOf<BackingRecord>())
        {
            return null;
        }

        BackingRecord record = MemoryMarshal.Read<BackingRecord>(value);
        ReadOnlySpan<byte> pieces = value[Unsafe.SizeOf<BackingRecord>()..];
        ulong size = record.IsPaged != 0 ? sizeof(ulong) : (ulong)Unsafe.SizeOf<VirtioGpuMemEntry>();
        if (record.Count == 0 || record.Count > maxEntries || record.Count * size != (ulong)pieces.Length)
        {
            return null;
        }

        if (record.IsPaged == 0)
        {
            return MemoryMarshal.Cast<byte, VirtioGpuMemEntry>(pieces).ToArray();
        }

        var entries = new VirtioGpuMemEntry[record.Count];
        ReadOnlySpan<ulong> runs = MemoryMarshal.Cast<byte, ulong>(pieces);
        for (int i = 0; i < entries.Length; i++)
        {
            entries[i].Addr = runs[i] >> PagesBits << PageShift;
            entries[i].Length = (uint)((runs[i] & ((1u << PagesBits) - 1)) << PageShift);
        }

        return entries;
    }

    /// <summary>The next piece, with those that follow it without a gap.</summary>
    private static (ulong Address, uint Length) Join(ReadOnlySpan<VirtioGpuMemEntry> entries, ref int next)
    {
        ulong address = entries[next].Addr;
        ulong length = entries[next].Length;
        next++;
        while (next < entries.Length && entries[next].Addr == address + length && length + entries[next].Length <= MaxPiece)
        {
            length += entries[next].Length;
            next++;
        }

        return (address, (uint)length);
    }
}
