using System.Diagnostics;
using System.Runtime.InteropServices;
using SplitVmm.Harness;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Events;
using SplitVmm.VhostUser.FrontEnd;
using SplitVmm.VhostUser.Messages;
using SplitVmm.Virtio.Constants;
using SplitVmm.Virtio.Driver;
using Xunit;

namespace SplitVmm.Peers.Tests.VhostUser;

/// <summary>Our front end drives a back end of somebody else: the disk of QEMU's storage daemon.</summary>
[Trait("Tier", Tiers.Peers)]
public sealed class StorageDaemonTests : IVhostUserFrontEndEvents, IDisposable
{
    private const int Sectors = 64;

    private readonly EventLoop _loop = new();
    private readonly byte[] _contents = new byte[Sectors * VirtioBlockDriver.SectorSize];
    private readonly StorageDaemon _daemon;
    private readonly VhostUserFrontEnd _frontEnd;
    private readonly DriverMemory _memory = new(1 << 20);
    private readonly EventFd _kick = EventFd.Create();
    private readonly EventFd _call = EventFd.Create();
    private string? _lost;

    public StorageDaemonTests()
    {
        string program = Needs.Program("qemu-storage-daemon", "qemu-system-common");
        new Random(1).NextBytes(_contents);
        _daemon = new StorageDaemon(program, _contents);
        _frontEnd = new VhostUserFrontEnd(_daemon.Connect(), _loop, this, TimeSpan.FromSeconds(10));
        Assert.Equal(VhostUserResult.Done, _frontEnd.Negotiate());
    }

    [Fact]
    public void Negotiate_WithForeignBackEnd_TakesWhatBothHave()
    {
        Assert.True(_frontEnd.ProtocolFeatures.HasFlag(VhostUserProtocolFeatures.CONFIG | VhostUserProtocolFeatures.MQ));
        Assert.Equal(1, _frontEnd.QueueCount);
        Assert.NotEqual(0UL, _frontEnd.OfferedFeatures);
    }

    [Fact]
    public void ReadConfig_OfForeignBackEnd_SaysTheCapacity()
    {
        ulong capacity = 0;

        Assert.Equal(VhostUserResult.Done, _frontEnd.ReadConfig(0, MemoryMarshal.AsBytes(new Span<ulong>(ref capacity))));

        Assert.Equal((ulong)Sectors, capacity);
    }

    [Fact]
    public void Sectors_ReadAndWritten_AreThoseOfTheFile()
    {
        VirtioBlockDriver driver = Start();
        byte[] written = new byte[VirtioBlockDriver.SectorSize];
        new Random(2).NextBytes(written);

        byte[] read = driver.ReadSector(5, out byte readStatus);
        byte writeStatus = driver.WriteSector(6, written);
        byte[] readBack = driver.ReadSector(6, out byte readBackStatus);
        byte flushStatus = driver.Flush();

        Assert.Equal((0, 0, 0, 0), (readStatus, writeStatus, readBackStatus, flushStatus));
        Assert.Equal(_contents.AsSpan(5 * 512, 512).ToArray(), read);
        Assert.Equal(written, readBack);
        Assert.Equal(written, File.ReadAllBytes(_daemon.Disk).AsSpan(6 * 512, 512).ToArray());
    }

    [Fact]
    public void Sector_BeyondTheEnd_IsAnErrorOfTheDevice()
    {
        VirtioBlockDriver driver = Start();

        _ = driver.ReadSector(Sectors, out byte status);

        Assert.NotEqual(VirtioBlockDriver.VIRTIO_BLK_S_OK, status);
        Assert.Null(_frontEnd.LostReason);
    }

    [Fact]
    public void StopQueue_OfForeignBackEnd_SaysHowFarItCame()
    {
        VirtioBlockDriver driver = Start();
        for (ulong i = 0; i < 100; i++)
        {
            _ = driver.ReadSector(i % Sectors, out _);
        }

        Assert.Equal(VhostUserResult.Done, _frontEnd.StopQueue(0, out ushort next));
        Assert.Equal(100, next);
    }

    [Fact]
    public void Kill_OfForeignBackEnd_LosesTheConnection()
    {
        _ = Start();

        _daemon.Kill();

        long end = Environment.TickCount64 + 10_000;
        while (_lost is null && Environment.TickCount64 < end)
        {
            _ = _loop.RunOnce(100);
        }

        Assert.Equal("the back end closed the connection", _lost);
    }

    void IVhostUserFrontEndEvents.ConfigChanged()
    {
    }

    void IVhostUserFrontEndEvents.ConnectionLost(string reason) => _lost = reason;

    public void Dispose()
    {
        _frontEnd.Dispose();
        _daemon.Dispose();
        _loop.Dispose();
        _memory.Dispose();
        _kick.Dispose();
        _call.Dispose();
    }

    /// <summary>Feature negotiation, memory, and queue 0.</summary>
    private VirtioBlockDriver Start()
    {
        const ulong Wanted = VirtioFeatures.VIRTIO_F_VERSION_1 | VirtioFeatures.VIRTIO_F_EVENT_IDX
            | VirtioFeatures.VIRTIO_F_INDIRECT_DESC | VirtioBlockDriver.VIRTIO_BLK_F_FLUSH;
        ulong features = _frontEnd.OfferedFeatures & Wanted;
        var queue = new DriverQueue(_memory, 64, features);
        Assert.Equal(VhostUserResult.Done, _frontEnd.SetFeatures(features));
        Assert.Equal(VhostUserResult.Done, _frontEnd.SetMemory(_memory.Memory));
        Assert.Equal(VhostUserResult.Done, _frontEnd.StartQueue(0, new VhostUserQueueSetup(queue.Layout, 0, _kick, _call)));
        return new VirtioBlockDriver(_memory, queue, () => _kick.Signal(), WaitForInterrupt);
    }

    private bool WaitForInterrupt()
    {
        bool came = Poll.WaitUntil(_call, Readiness.In, Stopwatch.GetTimestamp() + (10 * Stopwatch.Frequency));
        _ = _call.TryDrain(out _);
        return came;
    }
}
