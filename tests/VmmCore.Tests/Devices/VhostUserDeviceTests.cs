using SplitVmm.Harness;
using SplitVmm.Platform.Events;
using SplitVmm.Platform.Sockets;
using SplitVmm.Virtio.Constants;
using SplitVmm.Virtio.Driver;
using SplitVmm.VmmCore.Devices;
using Xunit;

namespace SplitVmm.VmmCore.Tests.Devices;

/// <summary>A back end of <c>ipc</c> behind the virtio-pci transport, over a real socket.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class VhostUserDeviceTests
{
    private const ulong Features = VirtioFeatures.VIRTIO_F_VERSION_1 | VirtioFeatures.VIRTIO_F_EVENT_IDX | (1UL << 3);
    private const ulong Message = 0xFEE0_3000;

    private static readonly VhostUserDeviceOptions Gpu = new(VirtioDeviceId.Gpu);

    [Fact]
    public void Open_PresentsWhatTheBackEndOffers()
    {
        using var bench = new VhostUserBench(new EchoDevice(), Gpu);

        Assert.Equal(0x1050_1AF4u, bench.Pci.ReadConfig(bench.Driver.Device, 0));
        Assert.Equal(Features, bench.Driver.ReadDeviceFeatures());
        Assert.Equal(2u, bench.Driver.Get(0x12, 2));
        Assert.Equal(0x0403_0201u, bench.Pci.Read(bench.Driver.Structure(4)));
    }

    [Fact]
    public void Kick_GoesToTheBackEndAndItsCallBecomesAMessage()
    {
        var echo = new EchoDevice();
        using var bench = new VhostUserBench(echo, Gpu);
        bench.Driver.SetVector(1, Message, 0x51);
        bench.Driver.EnableMsix(true);
        bench.Start(Features);
        ulong request = bench.Memory.Allocate([1, 2, 3, 4]);
        ulong answer = bench.Memory.Allocate(4);
        // A device may signal at its start; that is no answer.
        bench.OnBackEnd(() => { });
        bench.OnBackEnd(() => { });
        _ = bench.Pci.Routes.TakeMessages();
        bench.Queue.Offer(DriverBuffer.Readable(request, 4), DriverBuffer.Writable(answer, 4));

        bench.Driver.Kick(0);

        Assert.True(bench.WaitFor(() => bench.Queue.UsedIndex == 1));
        Assert.True(bench.WaitFor(() => bench.Pci.Routes.TakeMessages() is [(Message, 0x51)]));
        Assert.Equal([1, 2, 3, 4], bench.Memory.Span(answer, 4).ToArray());
        Assert.Equal(Features, echo.Acknowledged);
    }

    [Fact]
    public void Reset_ByTheDriver_StopsTheQueuesInTheBackEnd()
    {
        var echo = new EchoDevice();
        using var bench = new VhostUserBench(echo, Gpu);
        bench.Start(Features);
        bench.OnBackEnd(() => Assert.Equal(1, echo.Running));

        bench.Driver.Status = VirtioStatus.None;

        Assert.Equal(VirtioStatus.None, bench.Driver.Status);
        bench.OnBackEnd(() => Assert.Equal(0, echo.Running));
        Assert.True(echo.Resets > 0);
    }

    [Fact]
    public void Restart_WorksAsTheFirstTime()
    {
        using var bench = new VhostUserBench(new EchoDevice(), Gpu);
        for (int i = 0; i < 5; i++)
        {
            bench.Start(Features);
            ulong buffer = bench.Memory.Allocate(8);
            bench.Queue.Offer(DriverBuffer.Readable(buffer, 4), DriverBuffer.Writable(buffer + 4, 4));

            bench.Driver.Kick(0);

            Assert.True(bench.WaitFor(() => bench.Queue.UsedIndex == 1));
        }
    }

    [Fact]
    public void Config_WriteGoesThroughAndIsReadBack()
    {
        var echo = new EchoDevice();
        using var bench = new VhostUserBench(echo, Gpu);
        ulong config = bench.Driver.Structure(4);

        bench.Pci.Write(config + 4, 0xAABB_CCDD);
        bench.Pci.Write(config, 0x1111_1111);

        Assert.Equal(0xAABB_CCDDu, bench.Pci.Read(config + 4));
        Assert.Equal(0x0403_0201u, bench.Pci.Read(config));
    }

    [Fact]
    public void ConfigChange_InterruptsAndShowsTheNewBytes()
    {
        var echo = new EchoDevice();
        using var bench = new VhostUserBench(echo, Gpu);
        bench.Driver.SetVector(0, Message, 0x50);
        bench.Driver.EnableMsix(true);
        bench.Start(Features);
        bench.Driver.Set(0x10, 0, 2);
        uint generation = bench.Driver.Get(0x15, 1);

        bench.OnBackEnd(() => echo.Config[0] = 0x77);
        bench.NotifyConfigChanged();

        Assert.True(bench.WaitFor(() => bench.Pci.Routes.TakeMessages() is [(Message, 0x50)]));
        Assert.Equal(0x77u, bench.Pci.Read(bench.Driver.Structure(4), 1));
        Assert.NotEqual(generation, bench.Driver.Get(0x15, 1));
    }

    [Fact]
    public void BackEndDies_DriverSeesNeedsResetAndTheMachineAReport()
    {
        using var bench = new VhostUserBench(new EchoDevice(), Gpu);
        bench.Start(Features);

        bench.StopBackEnd();

        Assert.True(bench.WaitFor(() => bench.LostReason is not null));
        Assert.NotEqual(VirtioStatus.None, bench.Driver.Status & VirtioStatus.DEVICE_NEEDS_RESET);
        // The guest goes on: registers answer, a reset works, a new start fails as a status.
        Assert.Equal(0x0403_0201u, bench.Pci.Read(bench.Driver.Structure(4)));
        bench.Driver.Status = VirtioStatus.None;
        Assert.Equal(VirtioStatus.None, bench.Driver.Status);
        bench.Start(Features);
        Assert.NotEqual(VirtioStatus.None, bench.Driver.Status & VirtioStatus.DEVICE_NEEDS_RESET);
    }

    [Fact]
    public void Ring_BrokenByTheDriver_NeedsReset()
    {
        using var bench = new VhostUserBench(new EchoDevice(), Gpu);
        bench.Start(Features);
        bench.Queue.AvailableIndex = 1000;

        bench.Driver.Kick(0);

        Assert.True(bench.WaitFor(() => (bench.Driver.Status & VirtioStatus.DEVICE_NEEDS_RESET) != 0));
        Assert.Null(bench.LostReason);
        bench.Start(Features);
        Assert.Equal(VirtioStatus.None, bench.Driver.Status & VirtioStatus.DEVICE_NEEDS_RESET);
    }

    [Fact]
    public void Start_RingsOutsideMemory_NeedsReset()
    {
        var echo = new EchoDevice();
        using var bench = new VhostUserBench(echo, Gpu);

        bench.Driver.Start();

        Assert.NotEqual(VirtioStatus.None, bench.Driver.Status & VirtioStatus.DEVICE_NEEDS_RESET);
        bench.OnBackEnd(() => Assert.Equal(0, echo.Running));
        Assert.Null(bench.LostReason);
        bench.Start(Features);
        Assert.Equal(VirtioStatus.None, bench.Driver.Status & VirtioStatus.DEVICE_NEEDS_RESET);
    }

    [Fact]
    public void LocalConfig_IsWhatTheGuestReads()
    {
        byte[] config = [9, 8, 7, 6];
        using var bench = new VhostUserBench(
            new EchoDevice(), new VhostUserDeviceOptions(VirtioDeviceId.FileSystem) { Config = config });

        bench.Pci.Write(bench.Driver.Structure(4), 0);

        Assert.Equal(0x0607_0809u, bench.Pci.Read(bench.Driver.Structure(4)));
        Assert.Equal(4u, bench.Pci.ReadConfig(bench.Driver.Device, bench.Driver.Capability(4) + 12));
    }

    [Fact]
    public void Open_LegacyBackEnd_SaysSo()
    {
        var echo = new EchoDevice { Features = 1 };

        VhostUserDeviceException error = Assert.Throws<VhostUserDeviceException>(() => new VhostUserBench(echo, Gpu));

        Assert.Contains("VIRTIO_F_VERSION_1", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_MoreQueuesThanTheBackEndHas_SaysSo()
    {
        VhostUserDeviceException error = Assert.Throws<VhostUserDeviceException>(
            () => new VhostUserBench(new EchoDevice(), new VhostUserDeviceOptions(VirtioDeviceId.Block) { Queues = 3 }));

        Assert.Contains("has 2 queues, where 3 are wanted", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_NobodyAnswers_EndsByTheDeadline()
    {
        using var loop = new EventLoop();
        using var memory = new DriverMemory(1 << 16);
        (UnixSocket front, UnixSocket back) = UnixSocket.CreateStreamPair();
        using (back)
        {
            var options = new VhostUserDeviceOptions(VirtioDeviceId.Gpu) { Deadline = TimeSpan.FromMilliseconds(50) };

            VhostUserDeviceException error = Assert.Throws<VhostUserDeviceException>(
                () => VhostUserDevice.Open(options, front, memory.Memory, loop));

            Assert.DoesNotContain('\n', error.Message);
        }
    }
}
