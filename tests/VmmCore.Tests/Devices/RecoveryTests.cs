using SplitVmm.Harness;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Sockets;
using SplitVmm.Virtio.Constants;
using SplitVmm.VmmCore.Devices;
using Xunit;

namespace SplitVmm.VmmCore.Tests.Devices;

/// <summary>A recoverable device whose back ends die and are followed by others, seen by a driver.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class RecoveryTests
{
    private const ulong Features = VirtioFeatures.VIRTIO_F_VERSION_1 | VirtioFeatures.VIRTIO_F_EVENT_IDX | (1UL << 3);
    private const ulong Message = 0xFEE0_3000;

    private static readonly VhostUserDeviceOptions Gpu = new(VirtioDeviceId.Gpu) { Recoverable = true };

    [Fact]
    public void BackEndDies_DriverSeesNothing()
    {
        using var bench = new VhostUserBench(new EchoDevice(), Gpu);
        bench.Start(Features);
        Assert.True(bench.Device.IsRecoverable);

        bench.LoseBackEnd();

        Assert.Equal(VirtioStatus.None, bench.Driver.Status & VirtioStatus.DEVICE_NEEDS_RESET);
        Assert.Equal(0x0403_0201u, bench.Pci.Read(bench.Driver.Structure(4)));
        bench.Pci.Write(bench.Driver.Structure(4) + 4, 7);
        Assert.Equal(0x0403_0201u, bench.Pci.Read(bench.Driver.Structure(4)));
    }

    [Fact]
    public void Requests_TakenAndNew_AreAnsweredOnceByTheNext()
    {
        using var bench = new VhostUserBench(new EchoDevice(), Gpu);
        bench.Driver.SetVector(1, Message, 0x51);
        bench.Driver.EnableMsix(true);
        bench.Start(Features);
        _ = bench.Send(1);
        Assert.True(bench.WaitFor(() => bench.Queue.UsedIndex == 1));
        bench.LoseBackEnd();
        var holding = new EchoDevice { Holds = true };
        bench.ReconnectAndWait(holding);
        ulong[] taken = [bench.Send(2), bench.Send(3)];
        Assert.True(bench.WaitFor(() => holding.Taken.Count == 2));
        bench.LoseBackEnd();
        // Kicks of the dead time wait in the eventfd.
        ulong waiting = bench.Send(4);
        Assert.Equal(1, bench.Queue.UsedIndex);
        _ = bench.Pci.Routes.TakeMessages();

        var echo = new EchoDevice();
        bench.ReconnectAndWait(echo);

        Assert.True(bench.WaitFor(() => bench.Queue.UsedIndex == 4));
        bench.OnBackEnd(() => Assert.Equal([2, 3, 4], echo.Taken));
        Assert.Equal(2, bench.Memory.Span(taken[0], 1)[0]);
        Assert.Equal(3, bench.Memory.Span(taken[1], 1)[0]);
        Assert.Equal(4, bench.Memory.Span(waiting, 1)[0]);
        Assert.True(bench.WaitFor(() => bench.Pci.Routes.TakeMessages().Contains((Message, 0x51u))));
        _ = bench.Send(5);
        Assert.True(bench.WaitFor(() => bench.Queue.UsedIndex == 5));
    }

    [Fact]
    public void Deaths_ManyInARow_LoseNothing()
    {
        using var bench = new VhostUserBench(new EchoDevice(), Gpu);
        bench.Start(Features);
        for (int i = 1; i <= 50; i++)
        {
            bench.LoseBackEnd();
            ulong answer = bench.Send((byte)i);
            bench.Reconnect(new EchoDevice { Holds = i % 3 == 0 });
            if (i % 3 == 0)
            {
                // Dies again, perhaps in the middle of taking over.
                bench.LoseBackEnd();
                bench.Reconnect(new EchoDevice());
            }

            Assert.True(bench.WaitFor(() => bench.Queue.UsedIndex == i), $"round {i}: {bench.LostReason}");
            Assert.Equal((byte)i, bench.Memory.Span(answer, 1)[0]);
            Assert.True(bench.Queue.TryCollect(out _, out _));
        }
    }

    [Fact]
    public void Reset_WhileAway_StartsTheNextFromZero()
    {
        using var bench = new VhostUserBench(new EchoDevice { Holds = true }, Gpu);
        bench.Start(Features);
        _ = bench.Send(1);
        bench.LoseBackEnd();

        bench.Driver.Status = VirtioStatus.None;
        Assert.Equal(VirtioStatus.None, bench.Driver.Status);
        bench.Start(Features);
        ulong answer = bench.Send(9);
        Assert.Equal(VirtioStatus.None, bench.Driver.Status & VirtioStatus.DEVICE_NEEDS_RESET);
        var echo = new EchoDevice();
        bench.ReconnectAndWait(echo);

        Assert.True(bench.WaitFor(() => bench.Queue.UsedIndex == 1));
        Assert.Equal(9, bench.Memory.Span(answer, 1)[0]);
        bench.OnBackEnd(() =>
        {
            Assert.Equal([9], echo.Taken);
            Assert.Equal(["reset", "start"], echo.Order);
        });
    }

    [Fact]
    public void Reset_WhileAway_IsToldToTheNextEvenIfNoDriverRuns()
    {
        using var bench = new VhostUserBench(new EchoDevice(), Gpu);
        bench.Start(Features);
        bench.LoseBackEnd();
        bench.Driver.Status = VirtioStatus.None;

        var echo = new EchoDevice();
        bench.ReconnectAndWait(echo);

        bench.OnBackEnd(() => Assert.Equal(["reset"], echo.Order));
        bench.Start(Features);
        _ = bench.Send(1);
        Assert.True(bench.WaitFor(() => bench.Queue.UsedIndex == 1));
    }

    [Fact]
    public void DriverOk_WhileAway_StartsWithTheNext()
    {
        using var bench = new VhostUserBench(new EchoDevice(), Gpu);
        bench.LoseBackEnd();

        bench.Start(Features);
        _ = bench.Send(1);
        var echo = new EchoDevice();
        bench.ReconnectAndWait(echo);

        Assert.True(bench.WaitFor(() => bench.Queue.UsedIndex == 1));
        Assert.Equal(VirtioStatus.None, bench.Driver.Status & VirtioStatus.DEVICE_NEEDS_RESET);
    }

    [Fact]
    public void Config_OfTheNext_IsAnnouncedIfItDiffers()
    {
        using var bench = new VhostUserBench(new EchoDevice(), Gpu);
        bench.Driver.SetVector(0, Message, 0x50);
        bench.Driver.EnableMsix(true);
        bench.Start(Features);
        bench.Driver.Set(0x10, 0, 2);
        bench.LoseBackEnd();
        bench.ReconnectAndWait(new EchoDevice());
        Assert.DoesNotContain((Message, 0x50u), bench.Pci.Routes.TakeMessages());

        bench.LoseBackEnd();
        var other = new EchoDevice();
        other.Config[0] = 0x77;
        bench.ReconnectAndWait(other);

        Assert.True(bench.WaitFor(() => bench.Pci.Routes.TakeMessages().Contains((Message, 0x50u))));
        Assert.Equal(0x77u, bench.Pci.Read(bench.Driver.Structure(4), 1));
    }

    [Fact]
    public void Next_LacksAFeature_IsSentAwayAndTheOneAfterServes()
    {
        using var bench = new VhostUserBench(new EchoDevice(), Gpu);
        bench.Start(Features);
        bench.LoseBackEnd();

        bench.Reconnect(new EchoDevice { Features = VirtioFeatures.VIRTIO_F_VERSION_1 });
        Assert.True(bench.WaitFor(() => bench.LostReason?.StartsWith("it lacks features 0x", StringComparison.Ordinal) == true), bench.LostReason);
        bench.StopBackEnd();
        bench.ReconnectAndWait(new EchoDevice());

        _ = bench.Send(1);
        Assert.True(bench.WaitFor(() => bench.Queue.UsedIndex == 1));
    }

    [Fact]
    public void Next_NeverAnswers_DoesNotStopTheLoopAndIsGivenUpByTheDeadline()
    {
        VhostUserDeviceOptions impatient = Gpu with { Deadline = TimeSpan.FromMilliseconds(400) };
        using var bench = new VhostUserBench(new EchoDevice(), impatient);
        bench.Start(Features);
        bench.LoseBackEnd();
        (UnixSocket front, UnixSocket silent) = UnixSocket.CreateStreamPair();
        using (silent)
        {
            bench.Device.Reconnect(front);
            bool turned = false;
            bench.Loop.Post(() => turned = true);
            _ = bench.Loop.RunOnce(100);
            Assert.True(turned);

            Assert.True(bench.WaitFor(() => bench.LostReason?.Contains("did not answer", StringComparison.Ordinal) == true), bench.LostReason);
        }

        bench.ReconnectAndWait(new EchoDevice());
        _ = bench.Send(1);
        Assert.True(bench.WaitFor(() => bench.Queue.UsedIndex == 1));
    }

    [Fact]
    public void Dispose_WhileReconnecting_EndsAtOnce()
    {
        var bench = new VhostUserBench(new EchoDevice(), Gpu);
        bench.Start(Features);
        bench.LoseBackEnd();
        (UnixSocket front, UnixSocket silent) = UnixSocket.CreateStreamPair();
        using (silent)
        {
            bench.Device.Reconnect(front);
            bench.Dispose();
            Assert.Equal(SocketStatus.Closed, DrainUntilClosed(silent));
        }
    }

    private static SocketStatus DrainUntilClosed(UnixSocket socket)
    {
        SocketStatus status;
        do
        {
            status = socket.Receive(new byte[256], new List<Descriptor>(), out _);
        }
        while (status == SocketStatus.Done);
        return status;
    }
}
