using SplitVmm.Harness;
using SplitVmm.VmmCore.Bus;
using SplitVmm.VmmCore.Memory;
using SplitVmm.VmmCore.Pci;
using SplitVmm.VmmCore.Tests.VirtioPci;
using SplitVmm.VmmCore.VirtioPci;
using Xunit;

namespace SplitVmm.VmmCore.Tests.Pci;

[Trait("Tier", Tiers.Unit)]
public sealed class BarTests
{
    private const ulong SharedSize = 0x2_0000_0000;

    [Fact]
    public void Sizing_Bar32_ReadsBackSizeAndFlags()
    {
        using var bench = new PciBench();
        int device = bench.Topology.Add(new FakeVirtioDevice());
        uint before = bench.BarRegister(device, 0);

        bench.SetBarRegister(device, 0, 0xFFFF_FFFF);

        Assert.Equal(0xFFFF_C000u, bench.BarRegister(device, 0));
        bench.SetBarRegister(device, 0, before);
        Assert.Equal(before, bench.BarRegister(device, 0));
    }

    [Fact]
    public void Sizing_Bar64Prefetchable_ReadsBackBothHalves()
    {
        using var bench = new PciBench();
        int device = AddWithSharedMemory(bench, out _);

        bench.SetBarRegister(device, 2, 0xFFFF_FFFF);
        bench.SetBarRegister(device, 3, 0xFFFF_FFFF);

        Assert.Equal(0x0000_000Cu, bench.BarRegister(device, 2));
        Assert.Equal(0xFFFF_FFFEu, bench.BarRegister(device, 3));
    }

    [Fact]
    public void Sizing_UnusedBar_ReadsZero()
    {
        using var bench = new PciBench();
        int device = bench.Topology.Add(new FakeVirtioDevice());

        for (int index = 2; index < 6; index++)
        {
            bench.SetBarRegister(device, index, 0xFFFF_FFFF);
            Assert.Equal(0u, bench.BarRegister(device, index));
        }
    }

    [Fact]
    public void Addresses_AreAssignedFromTheWindowsWithoutOverlap()
    {
        using var bench = new PciBench();
        var windows32 = new AddressWindow(AddressMap.PciWindow32Start, AddressMap.PciWindow32Size);
        var taken = new AddressBus();
        var nothing = new CountingRegion();
        for (int i = 0; i < 3; i++)
        {
            int device = AddWithSharedMemory(bench, out _);
            ulong bar0 = bench.BarRegister(device, 0);
            ulong bar1 = bench.BarRegister(device, 1);
            ulong bar2 = (bench.BarRegister(device, 2) & ~0xFu) | ((ulong)bench.BarRegister(device, 3) << 32);

            Assert.True(windows32.Contains(bar0, 0x4000) && windows32.Contains(bar1, 0x1_0000));
            Assert.InRange(bar2, PciBench.Window64Start, PciBench.Window64Start + PciBench.Window64Size - SharedSize);
            Assert.Equal(0u, bar2 % SharedSize);
            Assert.True(taken.TryAdd(bar0, 0x4000, nothing));
            Assert.True(taken.TryAdd(bar1, 0x1_0000, nothing));
            Assert.True(taken.TryAdd(bar2, SharedSize, nothing));
        }
    }

    [Fact]
    public void Decoding_Off_NothingAnswers()
    {
        using var bench = new PciBench();
        int device = bench.Topology.Add(new FakeVirtioDevice());
        ulong bar = bench.BarRegister(device, 0);

        Assert.Equal(0xFFFFu, bench.Read(bar + 0x12, 2));
        bench.EnableMemory(device);
        Assert.Equal(2u, bench.Read(bar + 0x12, 2));
        bench.EnableMemory(device, false);
        Assert.Equal(0xFFFFu, bench.Read(bar + 0x12, 2));
    }

    [Fact]
    public void Move_WhileDecoding_AnswersAtTheNewAddressOnly()
    {
        using var bench = new PciBench();
        int device = bench.Topology.Add(new FakeVirtioDevice());
        ulong old = bench.BarRegister(device, 0);
        bench.EnableMemory(device);

        bench.SetBarRegister(device, 0, 0xC900_0000);

        Assert.Equal(0xFFFFu, bench.Read(old + 0x12, 2));
        Assert.Equal(2u, bench.Read(0xC900_0000 + 0x12, 2));
    }

    [Fact]
    public void Move_OutsideTheWindows_AnswersNowhere()
    {
        using var bench = new PciBench();
        int device = bench.Topology.Add(new FakeVirtioDevice());
        bench.EnableMemory(device);
        uint inside = bench.BarRegister(device, 0);

        foreach (uint hostile in (uint[])[0, 0x10_0000, 0xBFFF_C000, 0xE000_0000, 0xFEC0_0000, 0xFEE0_0000, 0xFFFF_C000])
        {
            bench.SetBarRegister(device, 0, hostile);
            Assert.NotEqual(2u, bench.Read(hostile + 0x12, 2));
        }

        bench.SetBarRegister(device, 0, inside);
        Assert.Equal(2u, bench.Read(inside + 0x12, 2));
    }

    [Fact]
    public void Move_OverAnotherBar_WaitsUntilThatMovesAway()
    {
        using var bench = new PciBench();
        int first = bench.Topology.Add(new FakeVirtioDevice());
        int second = bench.Topology.Add(new FakeVirtioDevice { QueueSizes = [16, 16, 16] });
        bench.EnableMemory(first);
        bench.EnableMemory(second);
        uint contested = bench.BarRegister(first, 0);

        bench.SetBarRegister(second, 0, contested);
        Assert.Equal(2u, bench.Read(contested + 0x12, 2));

        bench.SetBarRegister(first, 0, 0xCA00_0000);
        Assert.Equal(3u, bench.Read(contested + 0x12, 2));
        Assert.Equal(2u, bench.Read(0xCA00_0000 + 0x12, 2));
    }

    [Fact]
    public void Decoding_OffWhileWaiting_StaysOff()
    {
        using var bench = new PciBench();
        int first = bench.Topology.Add(new FakeVirtioDevice());
        int second = bench.Topology.Add(new FakeVirtioDevice());
        bench.EnableMemory(first);
        bench.EnableMemory(second);
        uint contested = bench.BarRegister(first, 0);
        bench.SetBarRegister(second, 0, contested);

        bench.EnableMemory(second, false);
        bench.EnableMemory(first, false);

        Assert.Equal(0xFFFFu, bench.Read(contested + 0x12, 2));
    }

    [Fact]
    public void SharedMemory_ObserverFollowsTheBar()
    {
        using var bench = new PciBench();
        int device = AddWithSharedMemory(bench, out CountingRegion region);
        bench.EnableMemory(device);
        ulong first = Assert.IsType<ulong>(region.Place);

        bench.SetBarRegister(device, 3, (uint)((PciBench.Window64Start >> 32) + 8));

        Assert.NotEqual(first, region.Place);
        Assert.Equal(PciBench.Window64Start + 0x8_0000_0000 + (first & 0xFFFF_FFFF), region.Place);
        bench.EnableMemory(device, false);
        Assert.Null(region.Place);
    }

    private static int AddWithSharedMemory(PciBench bench, out CountingRegion region)
    {
        region = new CountingRegion();
        return bench.Topology.Add(new FakeVirtioDevice(), new SharedMemoryRegion(1, SharedSize, region, region));
    }

    private sealed class CountingRegion : IMmioRegion, IBarObserver
    {
        public ulong? Place { get; private set; }

        public void Read(ulong offset, Span<byte> data) => data.Clear();

        public void Write(ulong offset, ReadOnlySpan<byte> data)
        {
        }

        public void BarPlaced(ulong address)
        {
            Assert.Null(Place);
            Place = address;
        }

        public void BarRemoved(ulong address)
        {
            Assert.Equal(Place, address);
            Place = null;
        }
    }
}
