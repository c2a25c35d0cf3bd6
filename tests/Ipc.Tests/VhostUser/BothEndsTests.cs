using SplitVmm.Harness;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Events;
using SplitVmm.VhostUser.FrontEnd;
using SplitVmm.VhostUser.Messages;
using SplitVmm.Virtio.Constants;
using SplitVmm.Virtio.Driver;
using SplitVmm.Virtio.Memory;
using SplitVmm.Virtio.Queues;
using Xunit;

namespace SplitVmm.Ipc.Tests.VhostUser;

/// <summary>Our front end against our back end over a real socket pair, with an echo device.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class BothEndsTests
{
    [Fact]
    public void Negotiate_BothOurs_TakesEveryDefaultFeature()
    {
        using var pair = new EchoPair();

        Assert.Equal(VhostUserResult.Done, pair.FrontEnd.Negotiate());

        Assert.Equal(EchoPair.Features, pair.FrontEnd.OfferedFeatures);
        Assert.Equal(VhostUserFrontEnd.DefaultProtocolFeatures, pair.FrontEnd.ProtocolFeatures);
        Assert.Equal(EchoDevice.Queues, pair.FrontEnd.QueueCount);
        Assert.Null(pair.FrontEnd.LostReason);
    }

    [Fact]
    public void Echo_OneRequest_ComesBackWithInterrupt()
    {
        using var pair = new EchoPair();
        pair.Prepare();
        using EchoPair.DriverSide side = pair.StartQueue(0);

        Assert.Equal([2, 3, 4], pair.Echo(side, [1, 2, 3]));
    }

    [Fact]
    public void Echo_MoreRequestsThanDescriptors_AllComeBackInOrder()
    {
        using var pair = new EchoPair();
        pair.Prepare();
        using EchoPair.DriverSide side = pair.StartQueue(1, size: 4);

        for (int i = 0; i < 1000; i++)
        {
            Assert.Equal([(byte)(i + 1)], pair.Echo(side, [(byte)i]));
        }
    }

    [Fact]
    public void Echo_WithoutFeaturesOfRings_Works()
    {
        using var pair = new EchoPair();
        Assert.Equal(VhostUserResult.Done, pair.FrontEnd.Negotiate());
        Assert.Equal(VhostUserResult.Done, pair.FrontEnd.SetFeatures(VirtioFeatures.VIRTIO_F_VERSION_1));
        Assert.Equal(VhostUserResult.Done, pair.FrontEnd.SetMemory(pair.Memory.Memory));
        using var side = new EchoPair.DriverSide(new DriverQueue(pair.Memory, 8), EventFd.Create(), EventFd.Create());
        Assert.Equal(VhostUserResult.Done, pair.FrontEnd.StartQueue(0, new(side.Queue.Layout, 0, side.Kick, side.Call)));

        Assert.Equal([9], pair.Echo(side, [8]));
    }

    [Fact]
    public void StartQueue_RequestsOfferedBefore_AreServedWithoutKick()
    {
        using var pair = new EchoPair();
        pair.Prepare();
        using var side = new EchoPair.DriverSide(
            new DriverQueue(pair.Memory, 8, EchoPair.Features), EventFd.Create(), EventFd.Create());
        ulong target = pair.Memory.Allocate(1);
        _ = side.Queue.Offer(DriverBuffer.Readable(pair.Memory.Allocate([7]), 1), DriverBuffer.Writable(target, 1));

        Assert.Equal(VhostUserResult.Done, pair.FrontEnd.StartQueue(0, new(side.Queue.Layout, 0, side.Kick, side.Call)));

        Assert.True(Poll.WaitUntil(side.Call, Readiness.In, Deadlines.In(TimeSpan.FromSeconds(10))));
        Assert.Equal(8, pair.Memory.Span(target, 1)[0]);
    }

    [Fact]
    public void StopQueue_AfterRequests_SaysTheBaseAndARestartGoesOn()
    {
        using var pair = new EchoPair();
        pair.Prepare();
        using EchoPair.DriverSide side = pair.StartQueue(0);
        _ = pair.Echo(side, [1]);
        _ = pair.Echo(side, [2]);

        Assert.Equal(VhostUserResult.Done, pair.FrontEnd.StopQueue(0, out ushort nextAvailable));
        Assert.Equal(2, nextAvailable);
        Assert.Equal(VhostUserResult.Done, pair.FrontEnd.StartQueue(0, new(side.Queue.Layout, nextAvailable, side.Kick, side.Call)));

        Assert.Equal([4], pair.Echo(side, [3]));
        Assert.Equal(["started 0", "stopped 0", "started 0"], pair.Device.History()[^3..]);
    }

    [Fact]
    public void SetQueueEnabled_False_HoldsRequestsUntilEnabled()
    {
        using var pair = new EchoPair();
        pair.Prepare();
        using EchoPair.DriverSide side = pair.StartQueue(0);
        Assert.Equal(VhostUserResult.Done, pair.FrontEnd.SetQueueEnabled(0, false));

        _ = side.Queue.Offer(DriverBuffer.Writable(pair.Memory.Allocate(1), 1));
        _ = side.Kick.Signal();
        // A request and its answer: by then the loop has seen the kick, or will not.
        Assert.False(Poll.WaitUntil(side.Call, Readiness.In, Deadlines.In(TimeSpan.FromMilliseconds(50))));
        Assert.Equal(0, side.Queue.UsedIndex);

        Assert.Equal(VhostUserResult.Done, pair.FrontEnd.SetQueueEnabled(0, true));
        Assert.True(Poll.WaitUntil(side.Call, Readiness.In, Deadlines.In(TimeSpan.FromSeconds(10))));
    }

    [Fact]
    public void SetCall_WhileStarted_MovesTheInterrupts()
    {
        using var pair = new EchoPair();
        pair.Prepare();
        using EchoPair.DriverSide side = pair.StartQueue(0);
        using var other = EventFd.Create();

        Assert.Equal(VhostUserResult.Done, pair.FrontEnd.SetCall(0, other));
        _ = other.TryDrain(out _);

        using var moved = new EchoPair.DriverSide(side.Queue, side.Kick, other);
        Assert.Equal([2], pair.Echo(moved, [1]));
        Assert.False(side.Call.TryDrain(out _));
    }

    [Fact]
    public void Config_ReadAndWrite_ReachTheDevice()
    {
        using var pair = new EchoPair();
        pair.Prepare();

        Assert.Equal(VhostUserResult.Done, pair.FrontEnd.WriteConfig(6, [66, 77]));
        Span<byte> config = stackalloc byte[12];
        Assert.Equal(VhostUserResult.Done, pair.FrontEnd.ReadConfig(0, config));

        // Beyond the device's eight bytes the space reads as zero.
        Assert.Equal([1, 2, 3, 4, 5, 6, 66, 77, 0, 0, 0, 0], config.ToArray());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    public void WriteConfig_ReadOnlyOrOutside_IsRefusedAndTheConnectionGoesOn(int offset)
    {
        using var pair = new EchoPair();
        pair.Prepare();

        Assert.Equal(VhostUserResult.Refused, pair.FrontEnd.WriteConfig(offset, [1, 2]));

        Assert.Equal(VhostUserResult.Done, pair.FrontEnd.ReadConfig(0, new byte[4]));
    }

    [Fact]
    public void NotifyConfigChanged_WhileConnected_ReachesTheFrontEnd()
    {
        using var pair = new EchoPair();
        pair.Prepare();

        pair.BackEnd.Invoke(pair.BackEnd.BackEnd.NotifyConfigChanged);

        Assert.True(pair.RunUntil(() => pair.ConfigChanges == 1));
    }

    [Fact]
    public void Status_SetAndReset_IsKeptByTheBackEnd()
    {
        using var pair = new EchoPair();
        pair.Prepare();
        const VirtioStatus Running = VirtioStatus.ACKNOWLEDGE | VirtioStatus.DRIVER | VirtioStatus.DRIVER_OK;

        Assert.Equal(VhostUserResult.Done, pair.FrontEnd.SetStatus(Running));
        Assert.Equal(VhostUserResult.Done, pair.FrontEnd.GetStatus(out VirtioStatus running));
        Assert.Equal(VhostUserResult.Done, pair.FrontEnd.SetStatus(VirtioStatus.None));
        Assert.Equal(VhostUserResult.Done, pair.FrontEnd.GetStatus(out VirtioStatus reset));

        Assert.Equal(Running, running);
        Assert.Equal(VirtioStatus.None, reset);
        Assert.Equal("reset", pair.Device.History()[^1]);
    }

    [Fact]
    public void ResetDevice_WithStartedQueue_StopsItFirstAndTheDeviceWorksAgain()
    {
        using var pair = new EchoPair();
        pair.Prepare();
        using EchoPair.DriverSide first = pair.StartQueue(0);
        _ = pair.Echo(first, [1]);

        Assert.Equal(VhostUserResult.Done, pair.FrontEnd.ResetDevice());
        Assert.Equal(["stopped 0", "reset"], pair.Device.History()[^2..]);

        using EchoPair.DriverSide second = pair.StartQueue(0);
        Assert.Equal([6], pair.Echo(second, [5]));
    }

    [Fact]
    public void Push_AfterReset_OnlyRecyclesTheChain()
    {
        using var pair = new EchoPair();
        pair.Prepare();
        using EchoPair.DriverSide side = pair.StartQueue(0);
        pair.Device.HoldsChains = true;
        _ = side.Queue.Offer(DriverBuffer.Readable(pair.Memory.Allocate([1]), 1));
        _ = side.Kick.Signal();
        Assert.Equal(VhostUserResult.Done, pair.FrontEnd.ReadConfig(0, new byte[1]));
        Assert.True(SpinWait.SpinUntil(() => pair.Device.Held.Count == 1, TimeSpan.FromSeconds(10)));

        Assert.Equal(VhostUserResult.Done, pair.FrontEnd.ResetDevice());
        pair.BackEnd.Invoke(() => pair.Device.Complete(pair.Device.Held[0]));

        Assert.Equal(0, side.Queue.UsedIndex);
    }

    [Fact]
    public void Chain_HeldOverANewMemoryTable_StaysReadable()
    {
        using var pair = new EchoPair();
        pair.Prepare();
        using EchoPair.DriverSide side = pair.StartQueue(0);
        pair.Device.HoldsChains = true;
        ulong target = pair.Memory.Allocate(1);
        _ = side.Queue.Offer(DriverBuffer.Readable(pair.Memory.Allocate([41]), 1), DriverBuffer.Writable(target, 1));
        _ = side.Kick.Signal();
        Assert.True(SpinWait.SpinUntil(() => pair.Device.Held.Count == 1, TimeSpan.FromSeconds(10)));
        using var more = new DriverMemory(1 << 16, guestAddress: 1UL << 32);
        Assert.True(GuestMemory.TryCreate(
            [.. pair.Memory.Memory.Regions, .. more.Memory.Regions], out GuestMemory? both));

        Assert.Equal(VhostUserResult.Done, pair.FrontEnd.SetMemory(both!));
        pair.BackEnd.Invoke(() => pair.Device.Complete(pair.Device.Held[0]));

        Assert.Equal(42, pair.Memory.Span(target, 1)[0]);
        Assert.Equal("memory 2", pair.Device.History()[^1]);
        both!.Release();
    }

    [Fact]
    public void SetMemory_RegionTakenAway_IsRemovedFromTheBackEnd()
    {
        using var pair = new EchoPair();
        pair.Prepare();
        using var other = new DriverMemory(1 << 16, guestAddress: 1UL << 32);

        Assert.Equal(VhostUserResult.Done, pair.FrontEnd.SetMemory(other.Memory));

        // One message takes the first region away, one brings the other.
        Assert.Equal(["memory 1", "memory 0", "memory 1"], pair.Device.History()[^3..]);
    }

    [Fact]
    public void StartQueue_RingOutsideMemory_IsRefusedWithoutAskingTheBackEnd()
    {
        using var pair = new EchoPair();
        pair.Prepare();
        using var kick = EventFd.Create();
        var layout = new SplitQueueLayout(16, pair.Memory.End - 16, pair.Memory.Base, pair.Memory.Base + 64);

        Assert.Equal(VhostUserResult.Refused, pair.FrontEnd.StartQueue(0, new(layout, 0, kick, null)));

        Assert.DoesNotContain("started 0", pair.Device.History());
    }

    [Fact]
    public void StartQueue_NoSuchQueue_IsRefused()
    {
        using var pair = new EchoPair();
        pair.Prepare();
        using var kick = EventFd.Create();
        var queue = new DriverQueue(pair.Memory, 8);

        Assert.Equal(VhostUserResult.Refused, pair.FrontEnd.StartQueue(7, new(queue.Layout, 0, kick, null)));
        Assert.Null(pair.FrontEnd.LostReason);
    }

    [Fact]
    public void SetFeatures_NotOffered_IsRefused()
    {
        using var pair = new EchoPair();
        Assert.Equal(VhostUserResult.Done, pair.FrontEnd.Negotiate());

        Assert.Equal(VhostUserResult.Refused, pair.FrontEnd.SetFeatures(VirtioFeatures.VIRTIO_F_RING_PACKED));
    }

    [Fact]
    public void BrokenQueue_IsReportedByErrorLineAndStatus()
    {
        using var pair = new EchoPair();
        pair.Prepare();
        using EchoPair.DriverSide side = pair.StartQueue(0);
        using var error = EventFd.Create();
        Assert.Equal(VhostUserResult.Done, pair.FrontEnd.SetError(0, error));

        side.Queue.AvailableIndex = 1000;
        _ = side.Kick.Signal();

        Assert.True(Poll.WaitUntil(error, Readiness.In, Deadlines.In(TimeSpan.FromSeconds(10))));
        Assert.Equal(VhostUserResult.Done, pair.FrontEnd.GetStatus(out VirtioStatus status));
        Assert.True(status.HasFlag(VirtioStatus.DEVICE_NEEDS_RESET));
        Assert.True(pair.RunUntil(() => pair.ConfigChanges == 1));
        Assert.Contains("ring 0 stopped, the driver broke it: AvailableIndexJump", pair.BackEnd.Log);
    }

    [Fact]
    public void Dispose_OfFrontEnd_ResetsTheDeviceAndUnmapsMemory()
    {
        using var pair = new EchoPair();
        pair.Prepare();
        using EchoPair.DriverSide side = pair.StartQueue(1);

        pair.FrontEnd.Dispose();

        Assert.Equal("the front end closed the connection", pair.BackEnd.WaitForDisconnection());
        Assert.Equal(["stopped 1", "reset", "memory 0"], pair.Device.History()[^3..]);
    }

    [Fact]
    public void BackEndGone_IsToldOnceAndEveryRequestIsLost()
    {
        using var pair = new EchoPair();
        pair.Prepare();

        pair.BackEnd.Invoke(pair.BackEnd.BackEnd.Dispose);

        Assert.True(pair.RunUntil(() => pair.Lost is not null));
        Assert.Equal("the back end closed the connection", pair.Lost);
        Assert.Equal(VhostUserResult.Lost, pair.FrontEnd.ReadConfig(0, new byte[1]));
        Assert.Equal(VhostUserResult.Lost, pair.FrontEnd.StopQueue(0, out _));
    }

    [Fact]
    public void Negotiate_WithoutProtocolFeatures_StillServesQueues()
    {
        using var pair = new EchoPair();
        Assert.Equal(VhostUserResult.Done, pair.FrontEnd.Negotiate(VhostUserProtocolFeatures.None));
        Assert.Equal(VhostUserResult.Done, pair.FrontEnd.SetFeatures(EchoPair.Features));
        Assert.Equal(VhostUserResult.Done, pair.FrontEnd.SetMemory(pair.Memory.Memory));
        using EchoPair.DriverSide side = pair.StartQueue(0);

        Assert.Equal([2], pair.Echo(side, [1]));
        Assert.Equal(VhostUserResult.Refused, pair.FrontEnd.ReadConfig(0, new byte[1]));
    }
}
