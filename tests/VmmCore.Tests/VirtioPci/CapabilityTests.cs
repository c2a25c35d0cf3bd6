using SplitVmm.Harness;
using SplitVmm.Virtio.Constants;
using SplitVmm.VmmCore.Bus;
using SplitVmm.VmmCore.Tests.Pci;
using SplitVmm.VmmCore.VirtioPci;
using Xunit;

namespace SplitVmm.VmmCore.Tests.VirtioPci;

[Trait("Tier", Tiers.Unit)]
public sealed class CapabilityTests
{
    [Theory]
    [InlineData(VirtioDeviceId.Gpu, 0x1050, 0x038000)]
    [InlineData(VirtioDeviceId.Input, 0x1052, 0x098000)]
    [InlineData(VirtioDeviceId.Network, 0x1041, 0x020000)]
    [InlineData((VirtioDeviceId)40, 0x1068, 0xFF0000)]
    public void Identity_IsThatOfAModernDevice(VirtioDeviceId type, uint deviceId, uint classCode)
    {
        using var bench = new PciBench();

        int device = bench.Topology.Add(new FakeVirtioDevice { Type = type });

        Assert.Equal(0x1AF4u | (deviceId << 16), bench.ReadConfig(device, 0));
        Assert.Equal((classCode << 8) | 1, bench.ReadConfig(device, 8));
        Assert.True(bench.ReadConfig(device, 0x2E, 2) >= 0x40);
    }

    [Fact]
    public void Capabilities_EveryStructureLiesInItsBar()
    {
        using var bench = new PciBench();
        int device = bench.Topology.Add(new FakeVirtioDevice());
        var driver = new VirtioDriver(bench, device);

        Assert.NotEqual(0u, bench.ReadConfig(device, 0x06, 2) & 0x10);
        foreach (int type in (int[])[1, 2, 3, 4])
        {
            int at = driver.Capability(type);
            Assert.Equal(type == 2 ? 20u : 16u, bench.ReadConfig(device, at + 2, 1));
            uint end = bench.ReadConfig(device, at + 8) + bench.ReadConfig(device, at + 12);
            Assert.InRange(end, 1u, 0x4000u);
        }

        Assert.Equal(20u, bench.ReadConfig(device, driver.Capability(5) + 2, 1));
        Assert.Equal(4u, driver.NotifyMultiplier);
        Assert.Equal(12u, bench.ReadConfig(device, driver.Capability(4) + 12));
        // Two queues and the configuration: three vectors.
        Assert.Equal(2u, bench.ReadConfig(device, driver.MsixCapability + 2, 2));
    }

    [Fact]
    public void SharedMemory_CapabilityNamesIdAndLength()
    {
        using var bench = new PciBench();
        var region = new AddressBus();
        int device = bench.Topology.Add(new FakeVirtioDevice(), new SharedMemoryRegion(1, 0x2_0000_0000, region, null));
        var driver = new VirtioDriver(bench, device);

        int at = driver.Capability(8);

        Assert.Equal(24u, bench.ReadConfig(device, at + 2, 1));
        Assert.Equal(2u, bench.ReadConfig(device, at + 4, 1));
        Assert.Equal(1u, bench.ReadConfig(device, at + 5, 1));
        Assert.Equal(0u, bench.ReadConfig(device, at + 8));
        Assert.Equal(0u, bench.ReadConfig(device, at + 12));
        Assert.Equal(0u, bench.ReadConfig(device, at + 16));
        Assert.Equal(2u, bench.ReadConfig(device, at + 20));
    }

    [Fact]
    public void PciCfg_ReachesTheStructuresWhileDecodingIsOff()
    {
        using var bench = new PciBench();
        var fake = new FakeVirtioDevice();
        int device = bench.Topology.Add(fake);
        var driver = new VirtioDriver(bench, device, enableMemory: false);

        Assert.Equal(2u, PciCfgRead(bench, driver, 0, 0x12, 2));
        PciCfgWrite(bench, driver, 0, 0x14, 1, 1);
        Assert.Equal(1u, PciCfgRead(bench, driver, 0, 0x14, 1));
        Assert.Equal(0x4433_2211u, PciCfgRead(bench, driver, 0, 0x2000, 4));
        Assert.Equal(1u, PciCfgRead(bench, driver, 1, 12, 4));
    }

    [Theory]
    [InlineData(0, 0x12, 3)]
    [InlineData(0, 0x13, 2)]
    [InlineData(0, 0x4000, 4)]
    [InlineData(0, 0xFFFF_FFFC, 4)]
    [InlineData(2, 0, 4)]
    [InlineData(6, 0, 4)]
    [InlineData(0, 0, 8)]
    [InlineData(0, 0, 0)]
    public void PciCfg_WrongDescription_DoesNothing(int bar, uint offset, uint width)
    {
        using var bench = new PciBench();
        int device = bench.Topology.Add(new FakeVirtioDevice());
        var driver = new VirtioDriver(bench, device, enableMemory: false);

        PciCfgWrite(bench, driver, bar, offset, width, 0x5A5A_5A5A);

        Assert.Equal(0x5A5A_5A5Au, bench.ReadConfig(device, driver.Capability(5) + 16));
    }

    [Fact]
    public void PciCfg_KickReachesTheQueue()
    {
        using var bench = new PciBench();
        var fake = new FakeVirtioDevice();
        int device = bench.Topology.Add(fake);
        var driver = new VirtioDriver(bench, device);
        driver.Start();

        PciCfgWrite(bench, driver, 0, 0x3004, 2, 1);

        Assert.True(fake.Active![1].Kick.TryDrain(out _));
        Assert.False(fake.Active[0].Kick.TryDrain(out _));
    }

    private static uint PciCfgRead(PciBench bench, VirtioDriver driver, int bar, uint offset, uint width)
    {
        Describe(bench, driver, bar, offset, width);
        return bench.ReadConfig(driver.Device, driver.Capability(5) + 16, width is 1 or 2 ? (int)width : 4);
    }

    private static void PciCfgWrite(PciBench bench, VirtioDriver driver, int bar, uint offset, uint width, uint value)
    {
        Describe(bench, driver, bar, offset, width);
        bench.WriteConfig(driver.Device, driver.Capability(5) + 16, value);
    }

    private static void Describe(PciBench bench, VirtioDriver driver, int bar, uint offset, uint width)
    {
        int at = driver.Capability(5);
        bench.WriteConfig(driver.Device, at + 4, (uint)bar, 1);
        bench.WriteConfig(driver.Device, at + 8, offset);
        bench.WriteConfig(driver.Device, at + 12, width);
    }
}
