using SplitVmm.Harness;
using SplitVmm.VmmCore.Memory;
using SplitVmm.VmmCore.Tests.VirtioPci;
using Xunit;

namespace SplitVmm.VmmCore.Tests.Pci;

[Trait("Tier", Tiers.Unit)]
public sealed class ConfigSpaceTests
{
    [Fact]
    public void HostBridge_IsFunctionZero()
    {
        using var bench = new PciBench();

        Assert.Equal(0x0008_1B36u, bench.ReadConfig(0, 0x00));
        Assert.Equal(0x0600_0000u, bench.ReadConfig(0, 0x08));
        Assert.Equal(0u, bench.ReadConfig(0, 0x0E, 1));
    }

    [Fact]
    public void Read_AbsentFunction_AllOnes()
    {
        using var bench = new PciBench();

        Assert.Equal(0xFFFF_FFFFu, bench.ReadConfig(1, 0x00));
        Assert.Equal(0xFFFF_FFFFu, bench.Read(PciBench.EcamAddress(0, 0) + (1 << 12)));
        Assert.Equal(0xFFFF_FFFFu, bench.Read(PciBench.EcamAddress(0, 0) + (1 << 20)));
        Assert.Equal(0xFFFFu, bench.Read(AddressMap.EcamStart + AddressMap.EcamSize - 2, 2));
    }

    [Fact]
    public void ReadConfig_OverTheEndOfAFunction_AllOnes()
    {
        using var bench = new PciBench();
        byte[] data = new byte[8];

        bench.Topology.ConfigSpace.ReadConfig(0, 0, 0xFFC, data);

        Assert.All(data, value => Assert.Equal(0xFF, value));
    }

    [Fact]
    public void ReadConfig_ByBusAddress_SameAsEcam()
    {
        using var bench = new PciBench();
        int device = bench.Topology.Add(new FakeVirtioDevice());
        byte[] data = new byte[4];

        bench.Topology.ConfigSpace.ReadConfig(0, (byte)(device << 3), 0, data);

        Assert.Equal([0xF4, 0x1A, 0x50, 0x10], data);
        Assert.Equal(0x1050_1AF4u, bench.ReadConfig(device, 0));
    }

    [Fact]
    public void Write_ReadOnlyHeaderFields_Ignored()
    {
        using var bench = new PciBench();
        int device = bench.Topology.Add(new FakeVirtioDevice());
        uint[] before = [.. ReadOnly.Select(register => bench.ReadConfig(device, register))];

        foreach (int register in ReadOnly)
        {
            bench.WriteConfig(device, register, 0xFFFF_FFFF);
        }

        Assert.Equal(before, ReadOnly.Select(register => bench.ReadConfig(device, register)));
    }

    [Fact]
    public void Write_Command_OnlyImplementedBitsStick()
    {
        using var bench = new PciBench();
        int device = bench.Topology.Add(new FakeVirtioDevice());

        bench.WriteConfig(device, 0x04, 0xFFFF, 2);

        // Memory, master, parity, SERR, INTx disable; no I/O space.
        Assert.Equal(0x0546u, bench.ReadConfig(device, 0x04, 2));
    }

    [Fact]
    public void InterruptPin_IsZero()
    {
        using var bench = new PciBench();
        int device = bench.Topology.Add(new FakeVirtioDevice());

        bench.WriteConfig(device, 0x3C, 0xFF0B, 2);

        Assert.Equal(0x000Bu, bench.ReadConfig(device, 0x3C, 2));
    }

    [Fact]
    public void Reset_RestoresPowerOnState()
    {
        using var bench = new PciBench();
        int device = bench.Topology.Add(new FakeVirtioDevice());
        uint[] before = ReadHeader(bench, device);
        bench.WriteConfig(device, 0x04, 0xFFFF, 2);
        bench.SetBarRegister(device, 0, 0xC800_0000);
        bench.WriteConfig(device, 0x3C, 0x0B, 1);

        bench.Topology.Reset();

        Assert.Equal(before, ReadHeader(bench, device));
        Assert.Equal(0xFFFF_FFFFu, bench.Read(0xC800_0000));
    }

    [Fact]
    public void Add_MoreThanTheBusHolds_Throws()
    {
        using var bench = new PciBench();
        for (int i = 1; i < 32; i++)
        {
            Assert.Equal(i, bench.Topology.Add(new FakeVirtioDevice()));
        }

        Assert.Throws<InvalidOperationException>(() => bench.Topology.Add(new FakeVirtioDevice()));
    }

    // Identity, class, header type, subsystem, capability pointer.
    private static readonly int[] ReadOnly = [0x00, 0x08, 0x2C, 0x34];

    private static uint[] ReadHeader(PciBench bench, int device) =>
        [.. Enumerable.Range(0, 64).Select(index => bench.ReadConfig(device, index * 4))];
}
