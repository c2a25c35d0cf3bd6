using System.Runtime.InteropServices;
using SplitVmm.GpuProcess.Interop;
using SplitVmm.GpuProcess.Protocol;
using SplitVmm.Virtio.Memory;
using SplitVmm.Virtio.Queues;

namespace SplitVmm.GpuProcess.Resources;

/// <summary>
/// The guest pages behind a resource (VIRTIO_GPU_CMD_RESOURCE_ATTACH_BACKING), as an <c>iovec</c> array that
/// does not move: virglrenderer keeps a pointer to it. A reference on the guest memory keeps the pages mapped.
/// </summary>
internal sealed unsafe class GuestBacking : IDisposable
{
    private VirtioGpuMemEntry* _entries;
    private readonly uint _entryCount;
    private GuestMemory? _memory;
    private IoVector* _vectors;

    private GuestBacking(uint entryCount)
    {
        _entryCount = entryCount;
        _entries = (VirtioGpuMemEntry*)NativeMemory.Alloc(entryCount, (nuint)sizeof(VirtioGpuMemEntry));
    }

    ~GuestBacking() => Dispose();

    /// <summary>Host pieces in the order of the backing; valid until <see cref="Dispose"/> or <see cref="TryRebind"/>.</summary>
    public IoVector* Vectors => _vectors;

    /// <summary>Number of <see cref="Vectors"/>: more than entries where one crosses memory regions.</summary>
    public int VectorCount { get; private set; }

    /// <summary>Bytes of all pieces together.</summary>
    public ulong Length { get; private set; }

    /// <summary>Entries that the guest named.</summary>
    public uint EntryCount => _entryCount;

    /// <summary>The entries; valid until <see cref="Dispose"/>.</summary>
    public ReadOnlySpan<VirtioGpuMemEntry> Entries => new(_entries, (int)_entryCount);

    /// <summary>Copies the entries out of a request once, checks and translates them.</summary>
    /// <param name="memory">Where the guest's addresses lie.</param>
    /// <param name="reader">Stands at the first entry.</param>
    /// <param name="count">Entries that follow; the caller has bounded it.</param>
    /// <returns>Null if entries are missing, empty, or outside guest memory.</returns>
    public static GuestBacking? TryCreate(GuestMemory memory, ref ChainReader reader, uint count)
    {
        if ((ulong)count * (uint)sizeof(VirtioGpuMemEntry) > reader.Remaining)
        {
            return null;
        }

        var backing = new GuestBacking(count);
        // The array was made for count entries; a copy of at most 1 MiB, as the caller bounds count.
        bool read = reader.TryRead(new Span<byte>(backing._entries, (int)count * sizeof(VirtioGpuMemEntry)));
        if (!read || !backing.TryRebind(memory))
        {
            backing.Dispose();
            return null;
        }

        return backing;
    }

    /// <summary>The same of entries that were copied already.</summary>
    /// <returns>Null if one is empty or outside guest memory.</returns>
    public static GuestBacking? TryCreate(GuestMemory memory, ReadOnlySpan<VirtioGpuMemEntry> entries)
    {
        var backing = new GuestBacking((uint)entries.Length);
        // The array was made for as many.
        entries.CopyTo(new Span<VirtioGpuMemEntry>(backing._entries, entries.Length));
        if (!backing.TryRebind(memory))
        {
            backing.Dispose();
            return null;
        }

        return backing;
    }

    /// <summary>
    /// Translates the entries anew, after the memory table has changed. Whoever holds <see cref="Vectors"/> lets
    /// go of them first. False: an entry no longer lies in guest memory, and the old translation stands.
    /// </summary>
    public bool TryRebind(GuestMemory memory)
    {
        if (!TryCount(memory, out int count))
        {
            return false;
        }

        var vectors = (IoVector*)NativeMemory.Alloc((nuint)Math.Max(count, 1), (nuint)sizeof(IoVector));
        int next = 0;
        ulong total = 0;
        for (uint i = 0; i < _entryCount; i++)
        {
            ulong address = _entries[i].Addr;
            ulong left = _entries[i].Length;
            total += left;
            while (left > 0)
            {
                _ = memory.TryGetRun(address, out byte* host, out ulong run);
                ulong part = Math.Min(run, left);
                // TryCount walked the same entries of our own copy in the same way: next stays below count.
                vectors[next++] = new IoVector { Base = host, Length = (nuint)part };
                address += part;
                left -= part;
            }
        }

        memory.Acquire();
        _memory?.Release();
        _memory = memory;
        NativeMemory.Free(_vectors);
        _vectors = vectors;
        VectorCount = count;
        Length = total;
        return true;
    }

    public void Dispose()
    {
        GC.SuppressFinalize(this);
        NativeMemory.Free(_vectors);
        _vectors = null;
        VectorCount = 0;
        Length = 0;
        _memory?.Release();
        _memory = null;
        NativeMemory.Free(_entries);
        _entries = null;
    }

    private bool TryCount(GuestMemory memory, out int count)
    {
        count = 0;
        for (uint i = 0; i < _entryCount; i++)
        {
            ulong address = _entries[i].Addr;
            ulong left = _entries[i].Length;
            if (left == 0 || !memory.Covers(address, left))
            {
                return false;
            }

            while (left > 0)
            {
                _ = memory.TryGetRun(address, out _, out ulong run);
                ulong part = Math.Min(run, left);
                address += part;
                left -= part;
                count++;
            }
        }

        return true;
    }
}
