using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Memory;
using SplitVmm.Virtio.Memory;

namespace SplitVmm.Ipc.Tests.Virtio;

/// <summary>
/// Guest memory of two pages that touch in the guest but not in this process, because another page of the file lies
/// between them.
/// </summary>
internal sealed class TwoRegions : IDisposable
{
    public const ulong Start = 0x10_0000;
    public const int Page = 4096;
    public const ulong Middle = Start + Page;
    public const ulong End = Start + (2 * Page);

    private readonly MemFd _file = MemFd.Create("two-regions", 3 * Page, Seals.None);
    private readonly SharedMapping _mapping;

    public TwoRegions()
    {
        _mapping = SharedMapping.Create(_file, 0, 3 * Page);
        GuestMemoryRegion first = GuestMemoryRegion.Borrow(Start, Page, _mapping, 0, _file, 0);
        GuestMemoryRegion second = GuestMemoryRegion.Borrow(Middle, Page, _mapping, 2 * Page, _file, 2 * Page);
        _ = GuestMemory.TryCreate([second, first], out GuestMemory? memory);
        Memory = memory!;
    }

    public GuestMemory Memory { get; }

    /// <summary>Bytes of the file, for a look past the guest.</summary>
    public Span<byte> File => _mapping.Slice(0, 3 * Page);

    public void Dispose()
    {
        Memory.Release();
        _mapping.Dispose();
        _file.Dispose();
    }
}
