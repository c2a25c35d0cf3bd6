using SplitVmm.Harness;
using SplitVmm.Virtio.Driver;
using SplitVmm.Virtio.Queues;
using Xunit;

namespace SplitVmm.Ipc.Tests.Virtio;

[Trait("Tier", Tiers.Unit)]
public sealed class ChainReaderWriterTests
{
    [Fact]
    public void TryRead_ValueOverSegments_IsPutTogether()
    {
        using var pair = new QueuePair();
        DescriptorChain chain = OfferReadable(pair, [1, 2, 3], [4], [5, 6, 7, 8, 9]);
        ChainReader reader = chain.CreateReader();

        Assert.True(reader.TryRead(out ulong value));

        Assert.Equal(0x0807_0605_0403_0201UL, value);
        Assert.Equal(1u, reader.Remaining);
    }

    [Fact]
    public void TryRead_MoreThanThereIs_TakesNothing()
    {
        using var pair = new QueuePair();
        DescriptorChain chain = OfferReadable(pair, [1, 2], [3]);
        ChainReader reader = chain.CreateReader();

        Assert.False(reader.TryRead(out uint _));
        Assert.False(reader.TrySkip(4));
        Assert.Equal(3u, reader.Remaining);
        Assert.True(reader.TrySkip(1));
        Assert.True(reader.TryRead(out ushort rest));
        Assert.Equal(0x0302, rest);
        Assert.Equal(0u, reader.Remaining);
        Assert.True(reader.TryRead([]));
        Assert.False(reader.TryRead(out byte _));
    }

    [Fact]
    public void ReadUpTo_LongerDestination_ReadsTheRest()
    {
        using var pair = new QueuePair();
        DescriptorChain chain = OfferReadable(pair, [1, 2], [3]);
        ChainReader reader = chain.CreateReader();
        byte[] bytes = new byte[8];

        Assert.Equal(3, reader.ReadUpTo(bytes));
        Assert.Equal(0, reader.ReadUpTo(bytes));
        Assert.Equal([1, 2, 3], bytes[..3]);
    }

    [Fact]
    public void TakeContiguous_OverSegments_GivesEachPart()
    {
        using var pair = new QueuePair();
        DescriptorChain chain = OfferReadable(pair, [1, 2, 3], [4, 5]);
        ChainReader reader = chain.CreateReader();

        Assert.Equal([1, 2], reader.TakeContiguous(2).ToArray());
        Assert.Equal([3], reader.TakeContiguous(100).ToArray());
        Assert.Equal([4, 5], reader.TakeContiguous(100).ToArray());
        Assert.True(reader.TakeContiguous(100).IsEmpty);
    }

    [Fact]
    public void Reader_OfAChainWithoutReadableBytes_IsAtItsEnd()
    {
        using var pair = new QueuePair();
        _ = pair.OfferByte();
        ChainReader reader = pair.Pop().CreateReader();

        Assert.Equal(0u, reader.Remaining);
        Assert.False(reader.TryRead(out byte _));
        Assert.True(reader.TrySkip(0));
    }

    [Fact]
    public void TryWrite_OverSegments_FillsThemInOrder()
    {
        using var pair = new QueuePair();
        ulong first = pair.Memory.Allocate(3);
        ulong second = pair.Memory.Allocate(8);
        _ = pair.Driver.Offer(DriverBuffer.Writable(first, 3), DriverBuffer.Writable(second, 8));
        ChainWriter writer = pair.Pop().CreateWriter();

        Assert.True(writer.TryWrite(0x0403_0201u));
        Assert.True(writer.TryWrite([5, 6]));

        Assert.Equal(6u, writer.Written);
        Assert.Equal(5u, writer.Remaining);
        Assert.Equal([1, 2, 3], pair.Memory.Span(first, 3).ToArray());
        Assert.Equal([4, 5, 6, 0, 0, 0, 0, 0], pair.Memory.Span(second, 8).ToArray());
    }

    [Fact]
    public void TryWrite_MoreThanThereIsRoom_WritesNothing()
    {
        using var pair = new QueuePair();
        ulong answer = pair.Memory.Allocate([9, 9, 9]);
        _ = pair.Driver.Offer(DriverBuffer.Writable(answer, 3));
        ChainWriter writer = pair.Pop().CreateWriter();

        Assert.False(writer.TryWrite(1u));
        Assert.False(writer.TryFill(4));
        Assert.Equal(0u, writer.Written);
        Assert.Equal([9, 9, 9], pair.Memory.Span(answer, 3).ToArray());

        Assert.Equal(3, writer.WriteUpTo([1, 2, 3, 4]));
        Assert.Equal([1, 2, 3], pair.Memory.Span(answer, 3).ToArray());
    }

    [Fact]
    public void TryFill_OverSegments_Zeroes()
    {
        using var pair = new QueuePair();
        ulong first = pair.Memory.Allocate([9, 9]);
        ulong second = pair.Memory.Allocate([9, 9]);
        _ = pair.Driver.Offer(DriverBuffer.Writable(first, 2), DriverBuffer.Writable(second, 2));
        ChainWriter writer = pair.Pop().CreateWriter();

        Assert.True(writer.TryFill(3));

        Assert.Equal([0, 0], pair.Memory.Span(first, 2).ToArray());
        Assert.Equal([0, 9], pair.Memory.Span(second, 2).ToArray());
        Assert.Equal(3u, writer.Written);
    }

    private static DescriptorChain OfferReadable(QueuePair pair, params byte[][] parts)
    {
        _ = pair.Driver.Offer([.. parts.Select(part => DriverBuffer.Readable(pair.Memory.Allocate(part), part.Length))]);
        return pair.Pop();
    }
}
