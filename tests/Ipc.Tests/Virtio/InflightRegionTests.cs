using SplitVmm.Harness;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Memory;
using SplitVmm.Virtio.Queues;
using Xunit;

namespace SplitVmm.Ipc.Tests.Virtio;

/// <summary>A device that dies and its successor, over the in-flight record of vhost-user.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class InflightRegionTests
{
    private const int Size = 8;

    [Fact]
    public void Successor_PopsWhatWasInFlight_InTheOrderItWasTaken()
    {
        using var file = new Record();
        using var pair = new QueuePair(Size);
        SplitQueue first = pair.MakeDevice(inflight: file.Open());
        ushort[] heads = [pair.OfferByte(), pair.OfferByte(), pair.OfferByte(), pair.OfferByte()];
        DescriptorChain[] taken = [Pop(first), Pop(first), Pop(first)];
        first.Push(taken[1], 0);

        // The first device is gone without a word; its successor is told a base that is wrong.
        SplitQueue second = pair.MakeDevice(nextAvailable: 0, file.Open());

        Assert.Equal([heads[0], heads[2], heads[3]], [Pop(second).Head, Pop(second).Head, Pop(second).Head]);
        Assert.False(second.TryPop(out _));
        Assert.Equal(QueueError.None, second.Error);
    }

    [Fact]
    public void Successor_NothingAnsweredTwiceOrLost_OverManyDeaths()
    {
        using var file = new Record();
        using var pair = new QueuePair(Size);
        var random = new Random(20261122);
        var open = new HashSet<ushort>();
        int answered = 0;
        int offered = 0;
        for (int life = 0; life < 300; life++)
        {
            SplitQueue device = pair.MakeDevice(inflight: file.Open());
            var held = new List<DescriptorChain>();
            for (int step = random.Next(20); step > 0; step--)
            {
                if (pair.Driver.FreeDescriptors > 0 && random.Next(2) == 0)
                {
                    Assert.True(open.Add(pair.OfferByte()));
                    offered++;
                }

                if (random.Next(2) == 0 && device.TryPop(out DescriptorChain? chain))
                {
                    Assert.Contains(chain.Head, open);
                    held.Add(chain);
                }

                if (held.Count > 0 && random.Next(2) == 0)
                {
                    int which = random.Next(held.Count);
                    device.Push(held[which], 0);
                    held.RemoveAt(which);
                }

                while (pair.Driver.TryCollect(out ushort head, out _))
                {
                    Assert.True(open.Remove(head), $"head {head} was answered twice");
                    answered++;
                }
            }

            Assert.Equal(QueueError.None, device.Error);
        }

        SplitQueue last = pair.MakeDevice(inflight: file.Open());
        while (last.TryPop(out DescriptorChain? chain))
        {
            last.Push(chain, 0);
        }

        while (pair.Driver.TryCollect(out ushort head, out _))
        {
            Assert.True(open.Remove(head));
            answered++;
        }

        Assert.Empty(open);
        Assert.Equal(offered, answered);
        Assert.True(offered > 500, "the test did hardly anything");
    }

    [Fact]
    public void Successor_DeathBetweenTheUsedIndexAndTheRecord_DoesNotAnswerTwice()
    {
        using var file = new Record();
        using var pair = new QueuePair(Size);
        SplitQueue first = pair.MakeDevice(inflight: file.Open());
        ushort head = pair.OfferByte();
        first.Push(Pop(first), 0);
        // Undo what the device notes after the used index: it died just before.
        file.Bytes[16 + (16 * head)] = 1;
        file.Bytes[14] = 0;

        SplitQueue second = pair.MakeDevice(inflight: file.Open());

        Assert.False(second.TryPop(out _));
        Assert.Equal(1, second.NextAvailable);
    }

    [Fact]
    public void Clear_AfterAReset_ForgetsEverything()
    {
        using var file = new Record();
        using var pair = new QueuePair(Size);
        InflightRegion record = file.Open();
        SplitQueue first = pair.MakeDevice(inflight: record);
        _ = pair.OfferByte();
        _ = Pop(first);

        record.Clear();

        Assert.False(file.Bytes.ContainsAnyExcept((byte)0));
    }

    [Fact]
    public void Successor_HostileRecord_NeverLeavesItsBounds()
    {
        var random = new Random(7);
        for (int i = 0; i < 2000; i++)
        {
            using var file = new Record();
            using var pair = new QueuePair(Size);
            random.NextBytes(file.Bytes);
            // Version and size right, so that the rest is believed.
            file.Bytes[8] = 1;
            file.Bytes[9] = 0;
            file.Bytes[10] = Size;
            file.Bytes[11] = 0;
            if (i % 2 == 0)
            {
                file.Bytes[12] &= Size - 1;
                file.Bytes[13] = 0;
            }

            SplitQueue device = pair.MakeDevice(inflight: file.Open());
            int popped = 0;
            while (device.TryPop(out DescriptorChain? chain) && popped < 100)
            {
                popped++;
                device.Push(chain, 0);
            }

            Assert.InRange(popped, 0, Size);
        }
    }

    [Fact]
    public void Constructor_RecordBeyondTheMapping_IsAFaultOfTheHost()
    {
        using var file = new Record();

        Assert.Throws<ArgumentOutOfRangeException>(() => new InflightRegion(file.Mapping, 64, Size));
        Assert.Throws<ArgumentOutOfRangeException>(() => new InflightRegion(file.Mapping, 4, 1));
    }

    private static DescriptorChain Pop(SplitQueue queue)
    {
        Assert.True(queue.TryPop(out DescriptorChain? chain), $"nothing to pop ({queue.Error})");
        return chain;
    }

    /// <summary>The memory that outlives the devices.</summary>
    private sealed class Record : IDisposable
    {
        private readonly MemFd _file = MemFd.Create("inflight-test", (long)InflightRegion.BytesFor(Size), Seals.None);

        public Record() => Mapping = SharedMapping.Create(_file, 0, (nuint)InflightRegion.BytesFor(Size));

        public SharedMapping Mapping { get; }

        public Span<byte> Bytes => Mapping.Slice(0, (int)InflightRegion.BytesFor(Size));

        public InflightRegion Open() => new(Mapping, 0, Size);

        public void Dispose()
        {
            Mapping.Dispose();
            _file.Dispose();
        }
    }
}
