using SplitVmm.Harness;
using SplitVmm.VmmCore.Bus;
using SplitVmm.VmmCore.Tests.Pci;
using SplitVmm.VmmCore.VirtioPci;
using Xunit;

namespace SplitVmm.VmmCore.Tests.VirtioPci;

/// <summary>A guest that writes anything anywhere: nothing throws, and the device comes back with a reset.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class HostileAccessTests
{
    private const int Accesses = 60_000;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void RandomAccesses_NeverThrow(int seed)
    {
        using var bench = new PciBench();
        var device = new FakeVirtioDevice();
        int number = bench.Topology.Add(device, new SharedMemoryRegion(1, 1 << 20, new AddressBus(), null));
        bench.Topology.Add(new FakeVirtioDevice());
        var random = new Random(seed);
        for (int i = 0; i < Accesses; i++)
        {
            Access(random, bench, number);
            if (random.Next(500) == 0)
            {
                device.Transport!.ConfigChanged();
                device.Transport.NeedsReset();
                device.RefuseActivation = random.Next(2) == 0;
            }
        }

        Assert.True(device.Deactivations > 10);
        bench.Topology.Reset();
        device.RefuseActivation = false;
        new VirtioDriver(bench, number).Start();
        Assert.Equal(2, device.Active!.Count);
    }

    [Fact]
    public void RandomAccesses_FromSeveralProcessors_NeverThrowAndNeverHang()
    {
        using var bench = new PciBench();
        var device = new FakeVirtioDevice();
        int number = bench.Topology.Add(device);
        Exception?[] thrown = new Exception?[4];
        Thread[] processors = [.. Enumerable.Range(0, thrown.Length).Select(seed => new Thread(() =>
        {
            try
            {
                Hammer(new Random(seed), bench, number);
            }
            catch (Exception exception)
            {
                // Carried over to the test's thread.
                thrown[seed] = exception;
            }
        }))];

        Array.ForEach(processors, thread => thread.Start());

        Assert.All(processors, thread => Assert.True(thread.Join(TimeSpan.FromMinutes(1))));
        Assert.All(thrown, Assert.Null);
        bench.Topology.Reset();
        new VirtioDriver(bench, number).Start();
        Assert.NotNull(device.Active);
    }

    [Fact]
    public void EveryOffsetAndWidth_NeverThrows()
    {
        using var bench = new PciBench();
        int number = bench.Topology.Add(new FakeVirtioDevice());
        bench.EnableMemory(number);
        byte[] data = new byte[8];
        foreach (int index in (int[])[0, 1])
        {
            ulong bar = bench.BarRegister(number, index);
            for (ulong offset = 0; offset < 0x1_0000; offset++)
            {
                foreach (int width in (int[])[1, 2, 4, 8])
                {
                    bench.Memory.Read(bar + offset, data.AsSpan(0, width));
                    bench.Memory.Write(bar + offset, data.AsSpan(0, width));
                }
            }
        }

        Assert.Equal(0x1050_1AF4u, bench.ReadConfig(number, 0));
    }

    private static void Hammer(Random random, PciBench bench, int device)
    {
        for (int i = 0; i < Accesses / 4; i++)
        {
            Access(random, bench, device);
        }
    }

    // Noise soon moves the BARs out of reach, and hardly ever gets as far as a running device.
    private static void Revive(PciBench bench, int device)
    {
        bench.EnableMemory(device + 1, false);
        bench.SetBarRegister(device, 0, 0xC000_0000);
        bench.SetBarRegister(device, 1, 0xC001_0000);
        new VirtioDriver(bench, device).Start();
    }

    private static void Access(Random random, PciBench bench, int device)
    {
        if (random.Next(300) == 0)
        {
            Revive(bench, device);
            return;
        }

        Span<byte> data = stackalloc byte[8];
        Span<byte> part = data[..random.Next(1, 9)];
        ulong address = Pick(random, bench, device);
        if (random.Next(3) == 0)
        {
            bench.Memory.Read(address, part);
        }
        else
        {
            Fill(random, part);
            bench.Memory.Write(address, part);
        }
    }

    // Mostly where registers are; now and then anywhere.
    private static ulong Pick(Random random, PciBench bench, int device)
    {
        ulong bar0 = bench.BarRegister(device, 0) & ~0xFu;
        ulong bar1 = bench.BarRegister(device, 1) & ~0xFu;
        return random.Next(8) switch
        {
            0 => PciBench.EcamAddress(device, random.Next(0x40)),
            1 => PciBench.EcamAddress(device, random.Next(0x40, 0x100)),
            2 => PciBench.EcamAddress(random.Next(32), random.Next(0x1000)),
            3 or 4 => bar0 + (ulong)random.Next(0x40),
            5 => bar0 + (ulong)(random.Next(4) * 0x1000) + (ulong)random.Next(0x20),
            6 => bar1 + (ulong)(random.Next(2) * 0x8000) + (ulong)random.Next(0x40),
            _ => (ulong)random.NextInt64(),
        };
    }

    // Small numbers and all ones reach further than noise.
    private static void Fill(Random random, Span<byte> data)
    {
        switch (random.Next(3))
        {
            case 0:
                random.NextBytes(data);
                break;
            case 1:
                data.Fill(0xFF);
                break;
            default:
                data.Clear();
                data[0] = (byte)random.Next(16);
                break;
        }
    }
}
