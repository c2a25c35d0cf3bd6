using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Errors;
using SplitVmm.VhostUser.Messages;
using SplitVmm.VmmCore.Bus;
using SplitVmm.VmmCore.Pci;
using SplitVmm.VmmCore.VirtioPci;

namespace SplitVmm.VmmCore.SharedMemory;

/// <summary>
/// A shared memory region of a device (virtio 1.3 section 2.10) that another process fills, for a GPU the
/// host-visible window: one range of guest-physical memory, one memory slot of KVM, and inside it what the back end
/// has mapped (SHMEM_MAP). Everything that it asks for is checked here, because the guest may have taken it over.
/// From any thread.
/// </summary>
public sealed unsafe class SharedMemoryWindow : IMmioRegion, IBarObserver, IDisposable
{
    /// <summary>
    /// The most mappings at once. Each takes up to two of the 65530 memory areas that Linux gives a process
    /// (vm.max_map_count).
    /// </summary>
    public const int MaxMappings = 16_384;

    private const ulong PageSize = 4096;

    private readonly Lock _gate = new();
    private readonly IMemorySlot _slot;
    private readonly WindowMemory _memory;
    private readonly MappingTable _mappings = new();
    private bool _isPlaced;

    /// <param name="slot">Empty, and used by this window alone.</param>
    /// <param name="id">The region's id.</param>
    /// <param name="size">Bytes, a power of two.</param>
    /// <exception cref="ErrnoException">The host refuses the memory.</exception>
    public SharedMemoryWindow(IMemorySlot slot, byte id, ulong size)
    {
        _slot = slot;
        Id = id;
        _memory = new WindowMemory(size);
    }

    /// <summary>Raised when a mapping had to be taken away because the host could not provide its pages; from a vCPU thread.</summary>
    public event Action? Broken;

    public byte Id { get; }

    public ulong Size => _memory.Size;

    /// <summary>Mappings that exist.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _mappings.Count;
            }
        }
    }

    /// <summary>For the device's PCI function.</summary>
    public SharedMemoryRegion Region => new(Id, Size, this, this);

    /// <summary>SHMEM_MAP.</summary>
    /// <returns>Null if it is mapped; else why not, in one line.</returns>
    public string? TryMap(in VhostUserMMap range, Descriptor file)
    {
        if (CheckRange(range) is { } fault)
        {
            return fault;
        }

        if (range.Flags != VhostUserMMap.VHOST_USER_FLAG_MAP_RW)
        {
            // The slot is writable: a guest that writes to a page that is not would stop.
            return $"flags 0x{range.Flags:x}: only mappings for reading and writing are possible";
        }

        if (range.FdOffset % PageSize != 0 || range.FdOffset > long.MaxValue)
        {
            return $"file offset 0x{range.FdOffset:x} is no multiple of the page size";
        }

        if (MappableFile.Refuse(file, range.FdOffset, range.Length) is { } refusal)
        {
            return refusal;
        }

        lock (_gate)
        {
            if (_mappings.Count >= MaxMappings)
            {
                return $"there are {MaxMappings} mappings already";
            }

            if (!_mappings.TryAdd(range.ShmOffset, range.Length))
            {
                return $"0x{range.Length:x} bytes at 0x{range.ShmOffset:x}: something is mapped there already";
            }

            int errno = _memory.TryMap(range.ShmOffset, range.Length, file, range.FdOffset);
            if (errno == 0)
            {
                return null;
            }

            _ = _mappings.TryRemove(range.ShmOffset, range.Length);
            return new ErrnoException("mmap", errno, "a file of the back end").Message;
        }
    }

    /// <summary>SHMEM_UNMAP: a whole mapping goes.</summary>
    /// <returns>As <see cref="TryMap"/>.</returns>
    public string? TryUnmap(in VhostUserMMap range)
    {
        if (CheckRange(range) is { } fault)
        {
            return fault;
        }

        lock (_gate)
        {
            if (!_mappings.TryRemove(range.ShmOffset, range.Length))
            {
                return $"0x{range.Length:x} bytes at 0x{range.ShmOffset:x}: no such mapping";
            }

            _memory.Empty(range.ShmOffset, range.Length);
            return null;
        }
    }

    /// <summary>Nothing is mapped afterwards: the device was reset, or the process that filled the window is gone.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            if (_mappings.Count > 0)
            {
                _mappings.Clear();
                _memory.Empty(0, Size);
            }

            _memory.ForgetHoles();
        }
    }

    /// <summary>
    /// The host could not provide a page that a vCPU touched. Which one is not known, so all mappings go.
    /// </summary>
    public void Repair()
    {
        lock (_gate)
        {
            _mappings.Clear();
            _memory.Empty(0, Size);
        }

        Broken?.Invoke();
    }

    /// <summary>KVM serves the window; an access comes here only where it could not.</summary>
    public void Read(ulong offset, Span<byte> data)
    {
        RepairIfPlaced();
        data.Clear();
    }

    /// <inheritdoc cref="Read"/>
    public void Write(ulong offset, ReadOnlySpan<byte> data) => RepairIfPlaced();

    void IBarObserver.BarPlaced(ulong address)
    {
        _slot.Place(address, Size, _memory.Start);
        Volatile.Write(ref _isPlaced, true);
    }

    void IBarObserver.BarRemoved(ulong address)
    {
        Volatile.Write(ref _isPlaced, false);
        _slot.Remove();
    }

    /// <summary>No vCPU is left.</summary>
    public void Dispose() => _memory.Dispose();

    private string? CheckRange(in VhostUserMMap range)
    {
        if (range.ShmId != Id)
        {
            return $"there is no shared memory region {range.ShmId}";
        }

        if (range.Length == 0 || range.Length % PageSize != 0 || range.ShmOffset % PageSize != 0)
        {
            return $"0x{range.Length:x} bytes at 0x{range.ShmOffset:x} are not whole pages";
        }

        return range.Length <= Size && range.ShmOffset <= Size - range.Length
            ? null
            : $"0x{range.Length:x} bytes at 0x{range.ShmOffset:x} are not inside the window of 0x{Size:x} bytes";
    }

    private void RepairIfPlaced()
    {
        if (Volatile.Read(ref _isPlaced))
        {
            Repair();
        }
    }
}
