using SplitVmm.Harness;
using SplitVmm.Virtio.Constants;
using SplitVmm.Virtio.Queues;
using Xunit;

namespace SplitVmm.Ipc.Tests.Virtio;

/// <summary>Suppression of kicks and interrupts, with and without EVENT_IDX (virtio 1.3 sections 2.7.7 and 2.7.10).</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class SplitQueueNotificationTests
{
    private const ulong EventIndex = VirtioFeatures.VIRTIO_F_EVENT_IDX;

    [Theory]
    [InlineData(0)]
    [InlineData(EventIndex)]
    public void TakeInterrupt_NothingPushed_IsFalse(ulong features)
    {
        using var pair = new QueuePair(features: features);

        Assert.False(pair.Device.TakeInterrupt());
    }

    [Fact]
    public void TakeInterrupt_WithoutEventIndex_FollowsTheFlag()
    {
        using var pair = new QueuePair();

        PushOne(pair);
        Assert.True(pair.Device.TakeInterrupt());
        Assert.False(pair.Device.TakeInterrupt());

        pair.Driver.AvailableFlags = SplitRing.VIRTQ_AVAIL_F_NO_INTERRUPT;
        PushOne(pair);
        Assert.False(pair.Device.TakeInterrupt());

        pair.Driver.AvailableFlags = 0;
        PushOne(pair);
        Assert.True(pair.Device.TakeInterrupt());
    }

    [Fact]
    public void TakeInterrupt_WithEventIndex_WaitsForTheEvent()
    {
        using var pair = new QueuePair(features: EventIndex);
        // The first after a start is always sent: nobody knows what was signalled before.
        PushOne(pair);
        Assert.True(pair.Device.TakeInterrupt());

        // The driver wants to hear of the third from here.
        pair.Driver.UsedEvent = 3;
        PushOne(pair);
        Assert.False(pair.Device.TakeInterrupt());
        PushOne(pair);
        Assert.False(pair.Device.TakeInterrupt());
        PushOne(pair);
        Assert.True(pair.Device.TakeInterrupt());
        PushOne(pair);
        Assert.False(pair.Device.TakeInterrupt());
    }

    [Fact]
    public void TakeInterrupt_WithEventIndex_SeesAnEventInsideABatch()
    {
        using var pair = new QueuePair(features: EventIndex);
        PushOne(pair);
        _ = pair.Device.TakeInterrupt();

        pair.Driver.UsedEvent = 2;
        PushOne(pair);
        PushOne(pair);
        PushOne(pair);

        Assert.True(pair.Device.TakeInterrupt());
    }

    [Fact]
    public void TakeInterrupt_WithEventIndex_IgnoresTheFlag()
    {
        using var pair = new QueuePair(features: EventIndex);
        pair.Driver.AvailableFlags = SplitRing.VIRTQ_AVAIL_F_NO_INTERRUPT;

        PushOne(pair);

        Assert.True(pair.Device.TakeInterrupt());
    }

    [Fact]
    public void TakeInterrupt_EventOverTheWrap_IsSeen()
    {
        using var pair = new QueuePair(features: EventIndex);
        while (pair.Device.NextUsed != 0xFFFE)
        {
            PushOne(pair);
            _ = pair.Device.TakeInterrupt();
        }

        pair.Driver.UsedEvent = 0;
        PushOne(pair);
        Assert.False(pair.Device.TakeInterrupt());
        PushOne(pair);
        Assert.False(pair.Device.TakeInterrupt());
        PushOne(pair);
        Assert.True(pair.Device.TakeInterrupt());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(EventIndex)]
    public void TryPop_UntilEmpty_ArmsTheKickForTheNextOffer(ulong features)
    {
        using var pair = new QueuePair(features: features);

        for (int i = 0; i < 20; i++)
        {
            Assert.False(pair.Device.TryPop(out _));
            _ = pair.OfferByte();
            Assert.True(pair.Driver.TakeKick());
            pair.Device.Push(pair.Pop(), 0);
            Assert.True(pair.Driver.TryCollect(out _, out _));
        }
    }

    [Fact]
    public void Kicks_WithEventIndex_AreNotWantedWhileTheDeviceIsBehind()
    {
        using var pair = new QueuePair(features: EventIndex);
        Assert.False(pair.Device.TryPop(out _));
        _ = pair.OfferByte();
        Assert.True(pair.Driver.TakeKick());

        // The device has been woken and has not said yet that it ran empty.
        _ = pair.OfferByte();
        Assert.False(pair.Driver.TakeKick());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(EventIndex)]
    public void SuppressKicks_UntilResume_NoKickIsWanted(ulong features)
    {
        using var pair = new QueuePair(features: features);
        Assert.False(pair.Device.TryPop(out _));
        _ = pair.OfferByte();
        _ = pair.Driver.TakeKick();
        pair.Device.SuppressKicks();
        _ = pair.Pop();
        Assert.False(pair.Device.TryPop(out _));

        _ = pair.OfferByte();
        Assert.False(pair.Driver.TakeKick());

        // What was offered meanwhile is the caller's to fetch.
        Assert.True(pair.Device.ResumeKicks());
        _ = pair.Pop();
        Assert.False(pair.Device.ResumeKicks());
        _ = pair.OfferByte();
        Assert.True(pair.Driver.TakeKick());
    }

    [Fact]
    public void Notifications_TwoThreads_LoseNoWakeUp()
    {
        const int Requests = 20_000;
        using var pair = new QueuePair(size: 4, features: EventIndex);
        using var kick = new AutoResetEvent(false);
        using var call = new AutoResetEvent(false);
        bool deviceSlept = false;
        var device = new Thread(() =>
        {
            for (int done = 0; done < Requests;)
            {
                while (pair.Device.TryPop(out DescriptorChain? chain))
                {
                    pair.Device.Push(chain, 0);
                    done++;
                }

                if (pair.Device.TakeInterrupt())
                {
                    _ = call.Set();
                }

                if (done < Requests && !kick.WaitOne(TimeSpan.FromSeconds(20)))
                {
                    deviceSlept = true;
                    return;
                }
            }
        });
        device.Start();

        int collected = 0;
        for (int offered = 0; collected < Requests;)
        {
            while (offered < Requests && pair.Driver.FreeDescriptors > 0)
            {
                _ = pair.OfferByte();
                offered++;
            }

            if (pair.Driver.TakeKick())
            {
                _ = kick.Set();
            }

            while (pair.Driver.TryCollect(out _, out _))
            {
                collected++;
            }

            bool mustWait = collected < Requests && (pair.Driver.FreeDescriptors == 0 || offered == Requests);
            if (mustWait && !pair.Driver.ArmInterrupt())
            {
                Assert.True(call.WaitOne(TimeSpan.FromSeconds(20)), $"an interrupt was lost after {collected} requests");
            }
        }

        device.Join();
        Assert.False(deviceSlept, "a kick was lost");
    }

    private static void PushOne(QueuePair pair)
    {
        _ = pair.OfferByte();
        pair.Device.Push(pair.Pop(), 0);
        Assert.True(pair.Driver.TryCollect(out _, out _));
    }
}
