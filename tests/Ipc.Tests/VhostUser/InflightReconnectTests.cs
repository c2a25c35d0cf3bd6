using SplitVmm.Harness;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Events;
using SplitVmm.VhostUser.FrontEnd;
using SplitVmm.VhostUser.Messages;
using SplitVmm.Virtio.Driver;
using Xunit;

namespace SplitVmm.Ipc.Tests.VhostUser;

/// <summary>A back end that dies with requests in hand: its successor answers them, each once.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class InflightReconnectTests
{
    private const VhostUserProtocolFeatures WithInflight =
        VhostUserFrontEnd.DefaultProtocolFeatures | VhostUserProtocolFeatures.INFLIGHT_SHMFD;

    [Fact]
    public void Successor_WithTheTable_AnswersWhatWasInFlight()
    {
        using var loop = new EventLoop();
        using var memory = new DriverMemory(1 << 20);
        var queue = new DriverQueue(memory, 16, EchoPair.Features);
        using EventFd kick = EventFd.Create();
        using EventFd call = EventFd.Create();
        var setup = new VhostUserQueueSetup(queue.Layout, 0, kick, call);
        ulong[] targets = [memory.Allocate(1), memory.Allocate(1), memory.Allocate(1)];
        VhostUserInflightFile? table;
        var dying = new EchoDevice { HoldsChains = true };
        using (var first = new BackEndThread(dying))
        using (var frontEnd = new VhostUserFrontEnd(first.Connect(), loop, new SilentEvents(), TimeSpan.FromSeconds(5)))
        {
            Prepare(frontEnd, memory);
            Assert.Equal(VhostUserResult.Done, frontEnd.GetInflight(EchoDevice.Queues, 16, out table));
            Assert.Equal(VhostUserResult.Done, frontEnd.SetInflight(table!));
            Assert.Equal(VhostUserResult.Done, frontEnd.StartQueue(0, setup));
            for (byte i = 0; i < 3; i++)
            {
                _ = queue.Offer(DriverBuffer.Readable(memory.Allocate([i]), 1), DriverBuffer.Writable(targets[i], 1));
            }

            _ = kick.Signal();
            Assert.True(SpinWait.SpinUntil(() => dying.Held.Count == 3, TimeSpan.FromSeconds(10)));
            // One of the three is answered before the death.
            first.Invoke(() => dying.Complete(dying.Held[1]));
        }

        using (table)
        using (var second = new BackEndThread(new EchoDevice()))
        using (var frontEnd = new VhostUserFrontEnd(second.Connect(), loop, new SilentEvents(), TimeSpan.FromSeconds(5)))
        {
            Prepare(frontEnd, memory);
            Assert.Equal(VhostUserResult.Done, frontEnd.SetInflight(table!));
            Assert.Equal(VhostUserResult.Done, frontEnd.StartQueue(0, setup));
            Assert.True(SpinWait.SpinUntil(() => queue.UsedIndex == 3, TimeSpan.FromSeconds(10)));
        }

        Assert.Equal([1, 2, 3], targets.Select(target => memory.Span(target, 1)[0]));
        var heads = new HashSet<ushort>();
        while (queue.TryCollect(out ushort head, out _))
        {
            Assert.True(heads.Add(head), $"head {head} was answered twice");
        }

        Assert.Equal(3, heads.Count);
    }

    [Fact]
    public void Reset_WithTheTable_ForgetsWhatWasInFlight()
    {
        using var loop = new EventLoop();
        using var memory = new DriverMemory(1 << 20);
        var device = new EchoDevice { HoldsChains = true };
        using var backEnd = new BackEndThread(device);
        using var frontEnd = new VhostUserFrontEnd(backEnd.Connect(), loop, new SilentEvents(), TimeSpan.FromSeconds(5));
        Prepare(frontEnd, memory);
        Assert.Equal(VhostUserResult.Done, frontEnd.GetInflight(1, 16, out VhostUserInflightFile? table));
        Assert.Equal(VhostUserResult.Done, frontEnd.SetInflight(table!));
        using EventFd kick = EventFd.Create();
        var before = new DriverQueue(memory, 16, EchoPair.Features);
        Assert.Equal(VhostUserResult.Done, frontEnd.StartQueue(0, new(before.Layout, 0, kick, null)));
        _ = before.Offer(DriverBuffer.Writable(memory.Allocate(1), 1));
        _ = kick.Signal();
        Assert.True(SpinWait.SpinUntil(() => device.Held.Count == 1, TimeSpan.FromSeconds(10)));

        Assert.Equal(VhostUserResult.Done, frontEnd.ResetDevice());
        var after = new DriverQueue(memory, 16, EchoPair.Features);
        Assert.Equal(VhostUserResult.Done, frontEnd.StartQueue(0, new(after.Layout, 0, kick, null)));

        Assert.Equal(VhostUserResult.Done, frontEnd.StopQueue(0, out ushort next));
        Assert.Equal(0, next);
        Assert.Single(device.Held);
        table!.Dispose();
    }

    [Theory]
    [InlineData(0, 16)]
    [InlineData(3, 16)]
    [InlineData(1, 0)]
    [InlineData(1, 17)]
    [InlineData(1, 512)]
    public void GetInflight_OfAnImpossibleShape_EndsTheConnection(ushort queues, ushort size)
    {
        using var backEnd = new BackEndThread(new EchoDevice());
        using var peer = new RawPeer(backEnd.Connect());
        peer.Negotiate();

        peer.Send(VhostUserRequest.GET_INFLIGHT_FD, new VhostUserInflight { NumQueues = queues, QueueSize = size });

        Assert.True(peer.IsClosedByPeer());
        Assert.StartsWith("GET_INFLIGHT_FD: ", backEnd.WaitForDisconnection(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, 16, 319, 0)]
    [InlineData(1, 16, 320, 4096)]
    [InlineData(1, 256, 4160, 0)]
    [InlineData(1, 16, 320, ulong.MaxValue)]
    [InlineData(3, 16, 4096, 0)]
    [InlineData(0, 16, 4096, 0)]
    public void SetInflight_FileTooShortOrWrongShape_IsRefused(ushort queues, ushort size, ulong bytes, ulong offset)
    {
        using var backEnd = new BackEndThread(new EchoDevice());
        using var peer = new RawPeer(backEnd.Connect());
        peer.Negotiate();
        using MemFd file = MemFd.Create("inflight", 4096, Seals.None);
        var description = new VhostUserInflight { MmapSize = bytes, MmapOffset = offset, NumQueues = queues, QueueSize = size };

        Assert.NotEqual(0UL, peer.Order(VhostUserRequest.SET_INFLIGHT_FD, description, file));
    }

    private static void Prepare(VhostUserFrontEnd frontEnd, DriverMemory memory)
    {
        Assert.Equal(VhostUserResult.Done, frontEnd.Negotiate(WithInflight));
        Assert.Equal(VhostUserResult.Done, frontEnd.SetFeatures(EchoPair.Features));
        Assert.Equal(VhostUserResult.Done, frontEnd.SetMemory(memory.Memory));
    }
}
