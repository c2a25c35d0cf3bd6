using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Memory;
using SplitVmm.Virtio.Memory;

namespace SplitVmm.Virtio.Driver;

/// <summary>
/// The RAM of a pretended guest: one sealed memfd, mapped, with a bump allocator over its guest addresses.
/// Written as a driver writes: straight into memory.
/// </summary>
public sealed unsafe class DriverMemory : IDisposable
{
    private readonly SharedMapping _mapping;
    private ulong _next;

    /// <param name="size">Bytes, a multiple of the page size.</param>
    /// <param name="guestAddress">Guest-physical address of the first byte.</param>
    public DriverMemory(int size, ulong guestAddress = 0x10_0000)
    {
        File = MemFd.Create("driver-memory", size, Seals.F_SEAL_SHRINK | Seals.F_SEAL_GROW);
        _mapping = SharedMapping.Create(File, 0, (nuint)size);
        Base = guestAddress;
        _next = guestAddress;
        GuestMemoryRegion region = GuestMemoryRegion.Borrow(guestAddress, (ulong)size, _mapping, 0, File, 0);
        Memory = GuestMemory.TryCreate([region], out GuestMemory? memory) ? memory! : throw new ArgumentException("the memory wraps", nameof(guestAddress));
    }

    /// <summary>The memory object behind it.</summary>
    public MemFd File { get; }

    /// <summary>What a device or a vhost-user front end is given.</summary>
    public GuestMemory Memory { get; }

    /// <summary>Guest-physical address of the first byte.</summary>
    public ulong Base { get; }

    /// <summary>Guest-physical address just after the last byte.</summary>
    public ulong End => Base + _mapping.Length;

    /// <summary>Reserves zeroed guest memory; only <see cref="Rewind"/> frees.</summary>
    public ulong Allocate(int length, int alignment = 16)
    {
        ulong address = (_next + (ulong)alignment - 1) / (ulong)alignment * (ulong)alignment;
        _ = Span(address, length);
        _next = address + (ulong)length;
        return address;
    }

    /// <summary>Reserves memory and fills it.</summary>
    public ulong Allocate(ReadOnlySpan<byte> contents, int alignment = 16)
    {
        ulong address = Allocate(contents.Length, alignment);
        contents.CopyTo(Span(address, contents.Length));
        return address;
    }

    /// <summary>Frees everything that was allocated.</summary>
    public void Rewind() => _next = Base;

    /// <summary>A view of guest memory; throws if a test strays out of it.</summary>
    public Span<byte> Span(ulong address, int length) => _mapping.Slice((nuint)(address - Base), length);

    /// <summary>A field in guest memory, for tests that write what a proper driver would not.</summary>
    public ref T Field<T>(ulong address)
        where T : unmanaged
    {
        fixed (byte* field = Span(address, sizeof(T)))
        {
            // The mapping does not move; it lives until Dispose.
            return ref *(T*)field;
        }
    }

    public void Dispose()
    {
        Memory.Release();
        _mapping.Dispose();
        File.Dispose();
    }
}
