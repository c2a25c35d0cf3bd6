using SplitVmm.Harness;
using SplitVmm.Virtio.Constants;
using SplitVmm.Virtio.Driver;
using SplitVmm.Virtio.Memory;
using SplitVmm.Virtio.Queues;
using Xunit;

namespace SplitVmm.Ipc.Tests.Virtio;

/// <summary>What a proper driver and the device do together.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class SplitQueueTests
{
    [Fact]
    public void TryPop_NothingOffered_GivesNothingAndNoError()
    {
        using var pair = new QueuePair();

        Assert.False(pair.Device.TryPop(out DescriptorChain? chain));

        Assert.Null(chain);
        Assert.Equal(QueueError.None, pair.Device.Error);
    }

    [Fact]
    public void TryPop_ChainOfThree_SplitsReadableFromWritable()
    {
        using var pair = new QueuePair();
        ulong first = pair.Memory.Allocate([1, 2, 3]);
        ulong second = pair.Memory.Allocate([4, 5]);
        ulong answer = pair.Memory.Allocate(4);

        ushort head = pair.Driver.Offer(
            DriverBuffer.Readable(first, 3), DriverBuffer.Readable(second, 2), DriverBuffer.Writable(answer, 4));
        DescriptorChain chain = pair.Pop();

        Assert.Equal(head, chain.Head);
        Assert.Equal(5u, chain.ReadableLength);
        Assert.Equal(4u, chain.WritableLength);
        Assert.Equal([first, second], chain.Readable.ToArray().Select(segment => segment.GuestAddress));
        Assert.Equal([answer], chain.Writable.ToArray().Select(segment => segment.GuestAddress));
        byte[] read = new byte[5];
        Assert.True(chain.CreateReader().TryRead(read));
        Assert.Equal([1, 2, 3, 4, 5], read);
    }

    [Fact]
    public void Push_WithBytesWritten_IsCollectedByTheDriver()
    {
        using var pair = new QueuePair();
        ulong answer = pair.Memory.Allocate(4);
        ushort head = pair.Driver.Offer(DriverBuffer.Writable(answer, 4));
        DescriptorChain chain = pair.Pop();
        ChainWriter writer = chain.CreateWriter();
        Assert.True(writer.TryWrite((ushort)0x0201));

        pair.Device.Push(chain, writer.Written);

        Assert.True(pair.Driver.TryCollect(out ushort used, out uint written));
        Assert.Equal(head, used);
        Assert.Equal(2u, written);
        Assert.Equal([1, 2, 0, 0], pair.Memory.Span(answer, 4).ToArray());
        Assert.False(pair.Driver.TryCollect(out _, out _));
    }

    [Fact]
    public void Push_OutOfOrder_EachChainKeepsItsBuffers()
    {
        using var pair = new QueuePair();
        ulong[] answers = [pair.Memory.Allocate(1), pair.Memory.Allocate(1), pair.Memory.Allocate(1)];
        ushort[] heads = [.. answers.Select(answer => pair.Driver.Offer(DriverBuffer.Writable(answer, 1)))];
        DescriptorChain[] chains = [pair.Pop(), pair.Pop(), pair.Pop()];
        Assert.Equal(3, pair.Device.Outstanding);

        foreach (int i in (int[])[1, 2, 0])
        {
            ChainWriter writer = chains[i].CreateWriter();
            Assert.True(writer.TryWrite((byte)(i + 1)));
            pair.Device.Push(chains[i], 1);
        }

        foreach (int i in (int[])[1, 2, 0])
        {
            Assert.True(pair.Driver.TryCollect(out ushort used, out _));
            Assert.Equal(heads[i], used);
            Assert.Equal(i + 1, pair.Memory.Span(answers[i], 1)[0]);
        }

        Assert.Equal(0, pair.Device.Outstanding);
    }

    [Fact]
    public void Indices_BeyondSixteenBits_WrapAround()
    {
        using var pair = new QueuePair(size: 4);

        for (int i = 0; i < 70_000; i++)
        {
            ushort head = pair.OfferByte();
            DescriptorChain chain = pair.Pop();
            Assert.Equal(head, chain.Head);
            pair.Device.Push(chain, 0);
            Assert.True(pair.Driver.TryCollect(out _, out _));
        }

        Assert.Equal(70_000 - 65_536, pair.Device.NextAvailable);
        Assert.Equal(QueueError.None, pair.Device.Error);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(32768)]
    public void TryPop_QueueFull_GivesEveryChain(int size)
    {
        using var pair = new QueuePair(size);
        for (int i = 0; i < size; i++)
        {
            _ = pair.OfferByte();
        }

        for (int i = 0; i < size; i++)
        {
            _ = pair.Pop();
        }

        Assert.False(pair.Device.TryPop(out _));
        Assert.Equal(QueueError.None, pair.Device.Error);
    }

    [Fact]
    public void TryPop_IndirectTable_GivesItsBuffers()
    {
        using var pair = new QueuePair(features: VirtioFeatures.VIRTIO_F_INDIRECT_DESC);
        ulong request = pair.Memory.Allocate([9, 8]);
        ulong answer = pair.Memory.Allocate(3);

        _ = pair.Driver.OfferIndirect(DriverBuffer.Readable(request, 2), DriverBuffer.Writable(answer, 3));
        DescriptorChain chain = pair.Pop();

        Assert.Equal(2u, chain.ReadableLength);
        Assert.Equal(3u, chain.WritableLength);
        Assert.Equal(answer, chain.Writable[0].GuestAddress);
    }

    [Fact]
    public void TryPop_IndirectTableLongerThanTheQueue_IsTaken()
    {
        using var pair = new QueuePair(size: 4, features: VirtioFeatures.VIRTIO_F_INDIRECT_DESC);
        ulong page = pair.Memory.Allocate(1);
        var buffers = new DriverBuffer[SplitQueue.MaxIndirectChain];
        Array.Fill(buffers, DriverBuffer.Readable(page, 1));

        _ = pair.Driver.OfferIndirect(buffers);

        Assert.Equal((uint)SplitQueue.MaxIndirectChain, pair.Pop().ReadableLength);
    }

    [Fact]
    public void TryPop_DirectDescriptorBeforeIndirectOne_TakesBoth()
    {
        using var pair = new QueuePair(features: VirtioFeatures.VIRTIO_F_INDIRECT_DESC);
        ulong table = pair.Memory.Allocate(16);
        pair.Memory.Field<VirtqDescriptor>(table) = new VirtqDescriptor { Address = pair.Memory.Base, Length = 7 };
        pair.Driver.Descriptor(0) = new VirtqDescriptor
        {
            Address = pair.Memory.Base,
            Length = 3,
            Flags = SplitRing.VIRTQ_DESC_F_NEXT,
            Next = 1,
        };
        // The device must ignore the write flag of the reference to a table (section 2.7.5.3.2).
        pair.Driver.Descriptor(1) = new VirtqDescriptor
        {
            Address = table,
            Length = 16,
            Flags = SplitRing.VIRTQ_DESC_F_INDIRECT | SplitRing.VIRTQ_DESC_F_WRITE,
        };
        pair.Driver.Publish(0);

        DescriptorChain chain = pair.Pop();

        Assert.Equal(10u, chain.ReadableLength);
        Assert.Equal(0u, chain.WritableLength);
    }

    [Fact]
    public void TryPop_BufferAcrossRegions_BecomesTwoSegments()
    {
        using var two = new TwoRegions();
        ulong table = TwoRegions.Start;
        var layout = new SplitQueueLayout(2, table, table + 64, table + 128);
        Assert.True(two.Memory.TryWrite(table, new VirtqDescriptor { Address = TwoRegions.Middle - 10, Length = 30 }));
        Assert.True(two.Memory.TryWrite(layout.AvailableRing + SplitRing.IndexOffset, (ushort)1));
        Assert.Equal(QueueError.None, SplitQueue.TryCreate(two.Memory, layout, 0, 0, out SplitQueue? queue));

        Assert.True(queue!.TryPop(out DescriptorChain? chain));

        Assert.Equal([10u, 20u], chain.Readable.ToArray().Select(segment => segment.Length));
        Assert.Equal([TwoRegions.Middle - 10, TwoRegions.Middle], chain.Readable.ToArray().Select(segment => segment.GuestAddress));
        Assert.Equal(30u, chain.ReadableLength);
    }

    [Fact]
    public void TryPop_IndirectTableAcrossRegions_IsFollowed()
    {
        using var two = new TwoRegions();
        ulong rings = TwoRegions.Start;
        ulong table = TwoRegions.Middle - 24;
        var layout = new SplitQueueLayout(2, rings, rings + 64, rings + 128);
        for (uint i = 0; i < 4; i++)
        {
            var entry = new VirtqDescriptor
            {
                Address = TwoRegions.Start + 1024,
                Length = i + 1,
                Flags = i < 3 ? SplitRing.VIRTQ_DESC_F_NEXT : (ushort)0,
                Next = (ushort)(i + 1),
            };
            Assert.True(two.Memory.TryWrite(table + (16 * i), entry));
        }

        var reference = new VirtqDescriptor { Address = table, Length = 64, Flags = SplitRing.VIRTQ_DESC_F_INDIRECT };
        Assert.True(two.Memory.TryWrite(rings, reference));
        Assert.True(two.Memory.TryWrite(layout.AvailableRing + SplitRing.IndexOffset, (ushort)1));
        _ = SplitQueue.TryCreate(two.Memory, layout, VirtioFeatures.VIRTIO_F_INDIRECT_DESC, 0, out SplitQueue? queue);

        Assert.True(queue!.TryPop(out DescriptorChain? chain));

        Assert.Equal(10u, chain.ReadableLength);
    }

    [Fact]
    public void Stop_ThenANewDeviceAtTheBase_GoesOn()
    {
        using var pair = new QueuePair();
        _ = pair.OfferByte();
        pair.Device.Push(pair.Pop(), 0);
        ushort second = pair.OfferByte();

        ushort next = pair.Device.Stop();
        SplitQueue successor = pair.MakeDevice(next);

        Assert.True(successor.TryPop(out DescriptorChain? chain));
        Assert.Equal(second, chain.Head);
        successor.Push(chain, 0);
        Assert.Equal(2, pair.Driver.UsedIndex);
    }

    [Fact]
    public void Push_AfterStop_LeavesTheRingsAlone()
    {
        using var pair = new QueuePair();
        _ = pair.OfferByte();
        DescriptorChain chain = pair.Pop();
        _ = pair.Device.Stop();

        pair.Device.Push(chain, 0);

        Assert.Equal(0, pair.Driver.UsedIndex);
        Assert.Equal(0, pair.Device.Outstanding);
        Assert.False(pair.Device.TakeInterrupt());
        Assert.False(pair.Device.TryPop(out _));
    }

    [Fact]
    public void Push_SameChainTwice_IsAFaultOfTheHost()
    {
        using var pair = new QueuePair();
        _ = pair.OfferByte();
        DescriptorChain chain = pair.Pop();
        pair.Device.Push(chain, 0);

        Assert.Throws<ArgumentException>(() => pair.Device.Push(chain, 0));
    }

    [Fact]
    public void Push_MoreThanThereIsRoomFor_IsAFaultOfTheHost()
    {
        using var pair = new QueuePair();
        _ = pair.OfferByte();
        DescriptorChain chain = pair.Pop();

        Assert.Throws<ArgumentOutOfRangeException>(() => pair.Device.Push(chain, 2));
    }

    [Fact]
    public void Rebind_ToASetWithTheRings_KeepsThePlace()
    {
        using var pair = new QueuePair();
        _ = pair.OfferByte();
        pair.Device.Push(pair.Pop(), 0);
        _ = pair.OfferByte();
        Assert.True(GuestMemory.TryCreate(pair.Memory.Memory.Regions, out GuestMemory? same));

        Assert.Equal(QueueError.None, pair.Device.Rebind(same!, pair.Driver.Layout));

        Assert.Equal(1, pair.Pop().Head);
        same!.Release();
    }

    [Fact]
    public void Rebind_ToASetWithoutTheRings_BreaksTheQueue()
    {
        using var pair = new QueuePair();
        var empty = GuestMemory.CreateEmpty();

        Assert.Equal(QueueError.RingOutsideMemory, pair.Device.Rebind(empty, pair.Driver.Layout));

        Assert.Equal(QueueError.RingOutsideMemory, pair.Device.Error);
        Assert.False(pair.Device.TryPop(out _));
        empty.Release();
    }

    [Fact]
    public void Chain_OutstandingWhenTheMemoryIsReleased_KeepsItMapped()
    {
        var memory = new DriverMemory(1 << 16);
        var driver = new DriverQueue(memory, 4);
        _ = SplitQueue.TryCreate(memory.Memory, driver.Layout, 0, 0, out SplitQueue? device);
        _ = driver.Offer(DriverBuffer.Writable(memory.Base, 1));
        Assert.True(device!.TryPop(out DescriptorChain? chain));

        _ = device.Stop();
        memory.Memory.Release();
        // The chain holds the last reference: acquiring is still possible, and giving the chain back ends that.
        memory.Memory.Acquire();
        memory.Memory.Release();
        device.Push(chain, 0);

        Assert.Throws<ObjectDisposedException>(memory.Memory.Acquire);
    }
}
