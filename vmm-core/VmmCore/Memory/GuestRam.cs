using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Errors;
using SplitVmm.Platform.Memory;
using SplitVmm.Virtio.Memory;
using SplitVmm.VmmCore.Interop;

namespace SplitVmm.VmmCore.Memory;

/// <summary>
/// The guest's RAM: one sealed memfd for the part below 4 GiB and one for the part above, mapped here for the whole
/// life of the machine. Pages are allocated when first touched.
/// </summary>
public sealed unsafe class GuestRam : IDisposable
{
    private readonly List<Part> _parts = [];

    /// <exception cref="ErrnoException">The host refuses the memory.</exception>
    public GuestRam(AddressMap map)
    {
        try
        {
            Add("splitvmm-ram-low", 0, map.LowRamSize);
            if (map.HighRamSize > 0)
            {
                Add("splitvmm-ram-high", AddressMap.HighRamStart, map.HighRamSize);
            }

            var regions = new List<GuestMemoryRegion>();
            foreach (Part part in _parts)
            {
                regions.Add(GuestMemoryRegion.Borrow(part.Start, (ulong)part.File.Size, part.Mapping, 0, part.File, 0));
            }

            bool valid = GuestMemory.TryCreate([.. regions], out GuestMemory? memory);
            Memory = valid && memory is not null ? memory : throw new InvalidOperationException("the parts of RAM overlap");
        }
        catch
        {
            DisposeParts();
            throw;
        }
    }

    /// <summary>All of RAM, for devices. This object holds a reference until it is disposed.</summary>
    public GuestMemory Memory { get; }

    /// <summary>
    /// Bytes of RAM at a guest-physical address, for what the machine itself places there while no vCPU runs. False
    /// unless all of them lie in one part.
    /// </summary>
    public bool TrySlice(ulong address, ulong length, out Span<byte> bytes)
    {
        // GuestMemory checked the range; the mapping lives as long as this object.
        bool inside = Memory.TryTranslate(address, length, out byte* host) && length <= int.MaxValue;
        bytes = inside ? new Span<byte>(host, (int)length) : default;
        return inside;
    }

    /// <summary>Takes every page back to zero and its memory back to the host. Nobody may be using RAM.</summary>
    public void Clear()
    {
        foreach (Part part in _parts)
        {
            int mode = Libc.FALLOC_FL_PUNCH_HOLE | Libc.FALLOC_FL_KEEP_SIZE;
            if (Libc.fallocate(part.File, mode, 0, part.File.Size) < 0)
            {
                throw ErrnoException.FromLastError("fallocate(FALLOC_FL_PUNCH_HOLE)", "guest RAM");
            }
        }
    }

    public void Dispose()
    {
        Memory.Release();
        DisposeParts();
    }

    private void Add(string name, ulong start, ulong size)
    {
        MemFd file = MemFd.Create(name, checked((long)size), Seals.F_SEAL_SHRINK | Seals.F_SEAL_GROW);
        try
        {
            SharedMapping mapping = SharedMapping.Create(file, 0, (nuint)size);
            _parts.Add(new Part(start, file, mapping));
            // Advice only: larger pages where the host offers them for shared memory; no copy in a forked child;
            // no gigabytes of guest in a core dump.
            _ = Libc.madvise(mapping.Pointer, (nuint)size, Libc.MADV_HUGEPAGE);
            _ = Libc.madvise(mapping.Pointer, (nuint)size, Libc.MADV_DONTFORK);
            _ = Libc.madvise(mapping.Pointer, (nuint)size, Libc.MADV_DONTDUMP);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private void DisposeParts()
    {
        foreach (Part part in _parts)
        {
            part.Mapping.Dispose();
            part.File.Dispose();
        }

        _parts.Clear();
    }

    private sealed record Part(ulong Start, MemFd File, SharedMapping Mapping);
}
