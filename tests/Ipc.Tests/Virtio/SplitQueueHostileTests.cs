using SplitVmm.Harness;
using SplitVmm.Virtio.Constants;
using SplitVmm.Virtio.Driver;
using SplitVmm.Virtio.Queues;
using Xunit;

namespace SplitVmm.Ipc.Tests.Virtio;

/// <summary>Each thing that a hostile driver can do to a queue is an error of its own.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class SplitQueueHostileTests
{
    private const ulong Indirect = VirtioFeatures.VIRTIO_F_INDIRECT_DESC;
    private const ushort Next = SplitRing.VIRTQ_DESC_F_NEXT;
    private const ushort Write = SplitRing.VIRTQ_DESC_F_WRITE;
    private const ushort IndirectFlag = SplitRing.VIRTQ_DESC_F_INDIRECT;

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(-8)]
    [InlineData(65536)]
    public void TryCreate_BadSize_IsRefused(int size)
    {
        using var memory = new DriverMemory(1 << 16);
        var layout = new SplitQueueLayout(size, memory.Base, memory.Base, memory.Base);

        Assert.Equal(QueueError.BadSize, SplitQueue.TryCreate(memory.Memory, layout, 0, 0, out SplitQueue? queue));
        Assert.Null(queue);
    }

    [Theory]
    [InlineData(8, 0, 0)]
    [InlineData(0, 1, 0)]
    [InlineData(0, 0, 2)]
    public void TryCreate_MisalignedRing_IsRefused(int descriptors, int available, int used)
    {
        using var memory = new DriverMemory(1 << 16);
        ulong start = memory.Base;
        var layout = new SplitQueueLayout(8, start + (uint)descriptors, start + (uint)available, start + (uint)used);

        Assert.Equal(QueueError.MisalignedRing, SplitQueue.TryCreate(memory.Memory, layout, 0, 0, out _));
    }

    [Theory]
    [InlineData(-112, -4096, -4096)]
    [InlineData(-4096, -20, -4096)]
    [InlineData(-4096, -4096, -68)]
    public void TryCreate_RingOverTheEndOfMemory_IsRefused(int descriptors, int available, int used)
    {
        using var memory = new DriverMemory(1 << 16);
        ulong end = memory.End;
        // Each of the three is two or more bytes too long: 128, 22 and 70 bytes.
        var layout = new SplitQueueLayout(8, end + (ulong)descriptors, end + (ulong)available, end + (ulong)used);

        Assert.Equal(QueueError.RingOutsideMemory, SplitQueue.TryCreate(memory.Memory, layout, 0, 0, out _));
    }

    [Fact]
    public void TryCreate_RingNearTheEndOfTheAddressSpace_IsRefused()
    {
        using var memory = new DriverMemory(1 << 16);
        var layout = new SplitQueueLayout(8, 0xFFFF_FFFF_FFFF_FFF0, memory.Base, memory.Base);

        Assert.Equal(QueueError.RingOutsideMemory, SplitQueue.TryCreate(memory.Memory, layout, 0, 0, out _));
    }

    [Theory]
    [InlineData(9)]
    [InlineData(0x8000)]
    [InlineData(0xFFFF)]
    public void TryPop_AvailableIndexTooFarAhead_BreaksTheQueue(int index)
    {
        using var pair = new QueuePair(size: 8);

        pair.Driver.AvailableIndex = (ushort)index;

        AssertBroken(pair, QueueError.AvailableIndexJump);
    }

    [Fact]
    public void TryPop_HeadOutOfRange_BreaksTheQueue()
    {
        using var pair = new QueuePair(size: 8);

        pair.Driver.Publish(8);

        AssertBroken(pair, QueueError.DescriptorIndexOutOfRange);
    }

    [Fact]
    public void TryPop_NextOutOfRange_BreaksTheQueue()
    {
        using var pair = new QueuePair(size: 8);
        pair.Driver.Descriptor(0) = Good(pair, Next, 8);

        pair.Driver.Publish(0);

        AssertBroken(pair, QueueError.DescriptorIndexOutOfRange);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(7)]
    public void TryPop_LoopedChain_BreaksTheQueue(int back)
    {
        using var pair = new QueuePair(size: 8);
        for (int i = 0; i < 8; i++)
        {
            pair.Driver.Descriptor(i) = Good(pair, Next, (ushort)(i == 7 ? back : i + 1));
        }

        pair.Driver.Publish(0);

        AssertBroken(pair, QueueError.ChainTooLong);
    }

    [Fact]
    public void TryPop_SameHeadTwice_BreaksTheQueue()
    {
        using var pair = new QueuePair(size: 8);
        pair.Driver.Descriptor(3) = Good(pair, 0, 0);
        pair.Driver.Publish(3);
        pair.Driver.Publish(3);

        _ = pair.Pop();

        AssertBroken(pair, QueueError.HeadInFlight);
    }

    [Fact]
    public void TryPop_MoreChainsThanDescriptors_BreaksTheQueue()
    {
        using var pair = new QueuePair(size: 2);
        for (int i = 0; i < 2; i++)
        {
            pair.Driver.Descriptor(i) = Good(pair, 0, 0);
            pair.Driver.Publish((ushort)i);
        }

        _ = pair.Pop();
        _ = pair.Pop();
        pair.Driver.Publish(0);

        AssertBroken(pair, QueueError.TooManyChains);
    }

    [Fact]
    public void TryPop_EmptyDescriptor_BreaksTheQueue() =>
        AssertBreaks(QueueError.EmptyDescriptor, pair => Good(pair, 0, 0) with { Length = 0 });

    [Fact]
    public void TryPop_ReadableAfterWritable_BreaksTheQueue() =>
        AssertBreaks(QueueError.ReadableAfterWritable, pair => Good(pair, Write | Next, 1), pair => Good(pair, 0, 0));

    [Theory]
    [InlineData(0, 16)]
    [InlineData(ulong.MaxValue, 1)]
    [InlineData(ulong.MaxValue - 7, 16)]
    [InlineData(0x10_0000 + (1 << 20) - 8, 16)]
    [InlineData(0x10_0000, uint.MaxValue)]
    public void TryPop_BufferOutsideMemory_BreaksTheQueue(ulong address, uint length) =>
        AssertBreaks(QueueError.BufferOutsideMemory, _ => new VirtqDescriptor { Address = address, Length = length });

    [Fact]
    public void TryPop_MoreThan32BitsOfBytes_BreaksTheQueue()
    {
        const int Size = 1 << 20;
        using var pair = new QueuePair(size: 8192);
        // 4096 buffers of 1 MiB are 2^32 bytes, one more than a used element can tell.
        for (int i = 0; i < 4096; i++)
        {
            pair.Driver.Descriptor(i) = new VirtqDescriptor
            {
                Address = pair.Memory.Base,
                Length = Size,
                Flags = Next | Write,
                Next = (ushort)(i + 1),
            };
        }

        pair.Driver.Publish(0);

        AssertBroken(pair, QueueError.ChainTooLarge);
    }

    [Fact]
    public void TryPop_IndirectNotNegotiated_BreaksTheQueue()
    {
        using var pair = new QueuePair(features: 0);
        _ = pair.Driver.OfferIndirect(DriverBuffer.Readable(pair.Memory.Base, 1));

        AssertBroken(pair, QueueError.IndirectNotNegotiated);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(8)]
    [InlineData(17)]
    public void TryPop_IndirectLengthNoMultipleOf16_BreaksTheQueue(uint length) =>
        AssertBreaks(QueueError.BadIndirectLength, pair => Good(pair, IndirectFlag, 0) with { Length = length });

    [Fact]
    public void TryPop_IndirectWithNext_BreaksTheQueue() =>
        AssertBreaks(QueueError.IndirectWithNext, pair => Good(pair, IndirectFlag | Next, 1), pair => Good(pair, 0, 0));

    [Theory]
    [InlineData(0x10_0000 + (1 << 20) - 16, 32)]
    [InlineData(0x1000, 16)]
    [InlineData(0xFFFF_FFFF_FFFF_FFF0, 32)]
    [InlineData(0x10_0000, 0xFFFF_FFF0)]
    public void TryPop_IndirectTableOutsideMemory_BreaksTheQueue(ulong address, uint length) => AssertBreaks(
        QueueError.BufferOutsideMemory,
        _ => new VirtqDescriptor { Address = address, Length = length, Flags = IndirectFlag });

    [Fact]
    public void TryPop_NestedIndirect_BreaksTheQueue() => AssertBreaksIndirect(
        QueueError.NestedIndirect,
        pair => new VirtqDescriptor { Address = pair.Memory.Base, Length = 16, Flags = IndirectFlag });

    [Fact]
    public void TryPop_IndirectNextOutOfItsTable_BreaksTheQueue() =>
        AssertBreaksIndirect(QueueError.DescriptorIndexOutOfRange, pair => Good(pair, Next, 2), pair => Good(pair, 0, 0));

    [Fact]
    public void TryPop_IndirectLoop_BreaksTheQueue() =>
        AssertBreaksIndirect(QueueError.ChainTooLong, pair => Good(pair, Next, 1), pair => Good(pair, Next, 0));

    [Fact]
    public void TryPop_IndirectTableLongerThanAccepted_BreaksTheQueue()
    {
        using var pair = new QueuePair(features: Indirect);
        var buffers = new DriverBuffer[SplitQueue.MaxIndirectChain + 1];
        Array.Fill(buffers, DriverBuffer.Readable(pair.Memory.Base, 1));

        _ = pair.Driver.OfferIndirect(buffers);

        AssertBroken(pair, QueueError.ChainTooLong);
    }

    [Fact]
    public void TryPop_AfterABreak_StaysBrokenAndHeldChainsCanBeGivenBack()
    {
        using var pair = new QueuePair();
        _ = pair.OfferByte();
        DescriptorChain held = pair.Pop();
        pair.Driver.Publish(4711);

        AssertBroken(pair, QueueError.DescriptorIndexOutOfRange);
        pair.Driver.AvailableIndex = 1;
        AssertBroken(pair, QueueError.DescriptorIndexOutOfRange);
        pair.Device.Push(held, 0);

        Assert.Equal(1, pair.Driver.UsedIndex);
    }

    private static VirtqDescriptor Good(QueuePair pair, int flags, ushort next) =>
        new() { Address = pair.Memory.Base, Length = 16, Flags = (ushort)flags, Next = next };

    private static void AssertBreaks(QueueError expected, params Func<QueuePair, VirtqDescriptor>[] chain)
    {
        using var pair = new QueuePair(features: Indirect);
        for (int i = 0; i < chain.Length; i++)
        {
            pair.Driver.Descriptor(i) = chain[i](pair);
        }

        pair.Driver.Publish(0);

        AssertBroken(pair, expected);
    }

    private static void AssertBreaksIndirect(QueueError expected, params Func<QueuePair, VirtqDescriptor>[] table)
    {
        using var pair = new QueuePair(features: Indirect);
        ulong address = pair.Memory.Allocate(16 * table.Length);
        for (int i = 0; i < table.Length; i++)
        {
            pair.Memory.Field<VirtqDescriptor>(address + (16 * (ulong)i)) = table[i](pair);
        }

        pair.Driver.Descriptor(0) = new VirtqDescriptor
        {
            Address = address,
            Length = 16 * (uint)table.Length,
            Flags = IndirectFlag,
        };
        pair.Driver.Publish(0);

        AssertBroken(pair, expected);
    }

    private static void AssertBroken(QueuePair pair, QueueError expected)
    {
        Assert.False(pair.Device.TryPop(out DescriptorChain? chain));
        Assert.Null(chain);
        Assert.Equal(expected, pair.Device.Error);
    }
}
