using SplitVmm.Harness;
using SplitVmm.Virtio.Constants;
using SplitVmm.Virtio.Driver;
using Xunit;

namespace SplitVmm.Peers.Tests.VhostUser;

/// <summary>A front end of somebody else, QEMU's, drives our back end: negotiation, memory, rings, restart.</summary>
[Trait("Tier", Tiers.Peers)]
public sealed class QemuFrontEndTests : IDisposable
{
    private const int Sectors = 64;
    private const ulong Wanted = VirtioFeatures.VIRTIO_F_VERSION_1 | VirtioFeatures.VIRTIO_F_EVENT_IDX
        | VirtioFeatures.VIRTIO_F_INDIRECT_DESC | VirtioBlockDriver.VIRTIO_BLK_F_FLUSH;

    private readonly string _program = Needs.Program("qemu-system-x86_64", "qemu-system-x86");
    private readonly string _folder = Directory.CreateTempSubdirectory("qemu-front-end-").FullName;
    private readonly byte[] _contents = new byte[Sectors * VirtioBlockDriver.SectorSize];

    public QemuFrontEndTests() => new Random(3).NextBytes(_contents);

    private string DiskPath => Path.Combine(_folder, "disk");

    [Fact]
    public void Disk_ThroughQemu_IsReadAndWritten()
    {
        using var backEnd = new BackEndLoop(new MemoryDisk(_contents), DiskPath);
        using var qemu = new QemuFrontEnd(_program, _folder, reconnects: false);
        VirtioBlockDriver driver = Start(qemu);
        byte[] written = new byte[VirtioBlockDriver.SectorSize];
        new Random(4).NextBytes(written);
        byte[] expected = Sector(7);

        Assert.Equal((ulong)Sectors, qemu.Device.ReadDeviceConfig(0));
        Assert.Equal(expected, driver.ReadSector(7, out byte readStatus));
        Assert.Equal((0, 0, 0), (readStatus, driver.WriteSector(8, written), driver.Flush()));
        Assert.Equal(written, Sector(8));
        for (ulong i = 0; i < 500; i++)
        {
            Assert.Equal(Sector((int)(i % Sectors)), driver.ReadSector(i % Sectors, out _));
        }
    }

    [Fact]
    public void Reset_ThroughQemu_StartsOver()
    {
        using var backEnd = new BackEndLoop(new MemoryDisk(_contents), DiskPath);
        using var qemu = new QemuFrontEnd(_program, _folder, reconnects: false);

        for (int i = 0; i < 5; i++)
        {
            VirtioBlockDriver driver = Start(qemu);
            Assert.Equal(Sector(1), driver.ReadSector(1, out byte status));
            Assert.Equal(0, status);
        }
    }

    [Fact]
    public void Death_OfTheBackEnd_SuccessorAnswersEveryRequestOnce()
    {
        const int Requests = 10;
        var dying = new MemoryDisk(_contents) { HoldsRequests = true };
        using var first = new BackEndLoop(dying, DiskPath);
        using var qemu = new QemuFrontEnd(_program, _folder, reconnects: true);
        VirtioBlockDriver driver = Start(qemu);
        ulong[] answers = new ulong[Requests];
        for (int i = 0; i < Requests; i++)
        {
            answers[i] = driver.OfferRead((ulong)i);
        }

        Assert.True(SpinWait.SpinUntil(() => dying.Held == Requests, TimeSpan.FromSeconds(20)), first.Log);
        first.Dispose();
        using var second = new BackEndLoop(new MemoryDisk(_contents), DiskPath);
        var heads = new HashSet<ushort>();
        for (int i = 0; i < Requests; i++)
        {
            Assert.True(heads.Add(driver.Collect()), "a request was answered twice");
        }

        for (int i = 0; i < Requests; i++)
        {
            Assert.Equal(Sector(i), qemu.Ram.Span(answers[i], 512).ToArray());
            Assert.Equal(0, qemu.Ram.Span(answers[i] + 512, 1)[0]);
        }

        Assert.Equal(Sector(20), driver.ReadSector(20, out _));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private byte[] Sector(int index) =>
        _contents.AsSpan(index * VirtioBlockDriver.SectorSize, VirtioBlockDriver.SectorSize).ToArray();

    private static VirtioBlockDriver Start(QemuFrontEnd qemu)
    {
        ulong features = qemu.Device.Negotiate(Wanted);
        Assert.Equal(Wanted, features);
        var queue = new DriverQueue(qemu.Ram, 64, features);
        qemu.Device.EnableQueue(0, queue.Layout);
        qemu.Device.SetDriverOk();
        long start = Environment.TickCount64;
        return new VirtioBlockDriver(qemu.Ram, queue, () => qemu.Device.Notify(0), () =>
        {
            // No CPU takes interrupts here; the used ring is looked at instead.
            Thread.Sleep(1);
            return Environment.TickCount64 < start + 30_000;
        });
    }
}
