using SplitVmm.Harness;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Memory;
using SplitVmm.VhostUser.Messages;
using SplitVmm.VmmCore.Pci;
using SplitVmm.VmmCore.SharedMemory;
using Xunit;

namespace SplitVmm.VmmCore.Tests.SharedMemory;

/// <summary>The window as the guest sees it, without KVM.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class SharedMemoryWindowTests : IDisposable
{
    private const ulong Size = 256UL << 20;
    private const ulong Page = 4096;

    private readonly FakeSlot _slot = new();
    private readonly SharedMemoryWindow _window;

    public SharedMemoryWindowTests()
    {
        _window = new SharedMemoryWindow(_slot, 1, Size);
        ((IBarObserver)_window).BarPlaced(1UL << 40);
    }

    [Fact]
    public void Map_ThenUnmap_ChangesNoSlot()
    {
        using MemFd file = MakeFile(16 * Page);
        using SharedMapping mapping = SharedMapping.Create(file, 0, (nuint)(16 * Page));
        mapping.Slice((nuint)(3 * Page), 1)[0] = 42;

        Assert.Null(_window.TryMap(Range(64 * Page, 4 * Page, 2 * Page), file));
        Assert.Equal(42, _slot.At(65 * Page, 1)[0]);
        _slot.At(66 * Page, 1)[0] = 7;
        Assert.Equal(7, mapping.Slice((nuint)(4 * Page), 1)[0]);

        Assert.Null(_window.TryUnmap(Range(64 * Page, 4 * Page)));
        Assert.Equal(0, _slot.At(65 * Page, 1)[0]);
        Assert.Equal(0, _slot.At(66 * Page, 1)[0]);
        Assert.Equal(7, mapping.Slice((nuint)(4 * Page), 1)[0]);
        Assert.Equal((1, 0), (_slot.Changes, _window.Count));
    }

    [Fact]
    public void Holes_AreReadableAndWritableEverywhere()
    {
        for (ulong at = 0; at < Size; at += 8 << 20)
        {
            _slot.At(at, 1)[0] = 1;
            _slot.At(at + (8 << 20) - 1, 1)[0] = 1;
        }

        // A hole over a repetition of the dummy is one mapping of the back end's, then a hole again.
        using MemFd file = MakeFile(128UL << 20);
        Assert.Null(_window.TryMap(Range(32UL << 20, 128UL << 20), file));
        Assert.Equal(0, _slot.At(64UL << 20, 1)[0]);
        Assert.Null(_window.TryUnmap(Range(32UL << 20, 128UL << 20)));
        Assert.Equal(1, _slot.At(64UL << 20, 1)[0]);
        _window.Clear();
        Assert.Equal(0, _slot.At(64UL << 20, 1)[0]);
    }

    [Fact]
    public void MapAndUnmap_AtRandom_AgreesWithAModel()
    {
        var random = new Random(20261123);
        using MemFd file = MakeFile(256 * Page);
        using SharedMapping contents = SharedMapping.Create(file, 0, (nuint)(256 * Page));
        for (uint page = 0; page < 256; page++)
        {
            BitConverter.TryWriteBytes(contents.Slice((nuint)(page * Page), 4), page + 1);
        }

        uint[] model = new uint[512];
        var mapped = new List<(ulong Start, ulong Length)>();
        for (int i = 0; i < 20_000; i++)
        {
            if (mapped.Count > 0 && random.Next(2) == 0)
            {
                int at = random.Next(mapped.Count);
                (ulong start, ulong length) = mapped[at];
                mapped.RemoveAt(at);
                Assert.Null(_window.TryUnmap(Range(start * Page, length * Page)));
                model.AsSpan((int)start, (int)length).Clear();
            }
            else
            {
                ulong length = (ulong)random.Next(1, 33);
                ulong start = (ulong)random.Next(0, 512 - (int)length);
                ulong from = (ulong)random.Next(0, 256 - (int)length);
                bool free = mapped.TrueForAll(other => start + length <= other.Start || other.Start + other.Length <= start);
                Assert.Equal(free, _window.TryMap(Range(start * Page, length * Page, from * Page), file) is null);
                if (free)
                {
                    mapped.Add((start, length));
                    for (ulong page = 0; page < length; page++)
                    {
                        model[start + page] = (uint)(from + page + 1);
                    }
                }
            }

            ulong look = (ulong)random.Next(512);
            Assert.Equal(model[look], BitConverter.ToUInt32(_slot.At(look * Page, 4)));
            Assert.Equal(mapped.Count, _window.Count);
        }

        for (ulong page = 0; page < 512; page++)
        {
            Assert.Equal(model[page], BitConverter.ToUInt32(_slot.At(page * Page, 4)));
        }
    }

    [Fact]
    public void Repair_TakesAllAway_AndSaysSo()
    {
        using MemFd file = MakeFile(4 * Page);
        int broken = 0;
        _window.Broken += () => broken++;
        Assert.Null(_window.TryMap(Range(0, 4 * Page), file));

        _window.Repair();
        Assert.Equal((0, 1), (_window.Count, broken));
        Assert.Null(_window.TryMap(Range(0, 4 * Page), file));

        // KVM could not serve an access: the same.
        byte[] data = [9];
        _window.Read(0, data);
        Assert.Equal((0, 0, 2), (data[0], _window.Count, broken));
    }

    [Fact]
    public void Access_WhileTheBarIsNowhere_RepairsNothing()
    {
        using MemFd file = MakeFile(4 * Page);
        Assert.Null(_window.TryMap(Range(0, 4 * Page), file));
        ((IBarObserver)_window).BarRemoved(1UL << 40);

        _window.Write(0, [1]);
        Assert.Equal(1, _window.Count);
        Assert.Null(_slot.Address);
    }

    public void Dispose() => _window.Dispose();

    private static MemFd MakeFile(ulong size) => MemFd.Create("test", (long)size, Seals.F_SEAL_SHRINK | Seals.F_SEAL_GROW);

    private static VhostUserMMap Range(ulong at, ulong length, ulong from = 0) =>
        new() { ShmId = 1, ShmOffset = at, Length = length, FdOffset = from, Flags = VhostUserMMap.VHOST_USER_FLAG_MAP_RW };
}
