using SplitVmm.Harness;
using SplitVmm.Virtio.Constants;
using SplitVmm.Virtio.Driver;
using SplitVmm.Virtio.Queues;
using Xunit;

namespace SplitVmm.Ipc.Tests.Virtio;

/// <summary>
/// A driver that writes rubbish into descriptors, rings and indirect tables, with fixed seeds. Whatever comes out of
/// a queue lies inside guest memory, and nothing is thrown.
/// </summary>
[Trait("Tier", Tiers.Unit)]
public sealed class SplitQueueFuzzTests
{
    private const int Runs = 3000;

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 8)]
    [InlineData(3, 64)]
    [InlineData(4, 256)]
    public void TryPop_RandomRings_StaysInsideMemoryAndThrowsNothing(int seed, int size)
    {
        var random = new Random(seed);
        int popped = 0;
        var errors = new HashSet<QueueError>();
        using var memory = new DriverMemory(1 << 18);
        for (int run = 0; run < Runs; run++)
        {
            popped += Run(memory, random, size, errors);
            // The allocator of the driver never frees: start over in cleared memory.
            memory.Span(memory.Base, 1 << 18).Clear();
            memory.Rewind();
        }

        // The generator reaches both good chains and most ways to go wrong; else this test shows nothing.
        Assert.True(popped > 100, $"only {popped} chains came through");
        Assert.True(errors.Count >= 6, $"only {string.Join(", ", errors)}");
    }

    private static int Run(DriverMemory memory, Random random, int size, HashSet<QueueError> errors)
    {
        ulong features = 0;
        features |= random.Next(4) != 0 ? VirtioFeatures.VIRTIO_F_INDIRECT_DESC : 0;
        features |= random.Next(2) != 0 ? VirtioFeatures.VIRTIO_F_EVENT_IDX : 0;
        var driver = new DriverQueue(memory, size, features);
        ulong tables = memory.Allocate(64 * SplitRing.DescriptorSize);
        for (int i = 0; i < size; i++)
        {
            driver.Descriptor(i) = MakeDescriptor(memory, random, size, tables);
            driver.AvailableEntry(i) = (ushort)(random.Next(50) == 0 ? random.Next(65536) : random.Next(size));
        }

        for (int i = 0; i < 64; i++)
        {
            memory.Field<VirtqDescriptor>(tables + (16 * (ulong)i)) = MakeDescriptor(memory, random, 64, tables);
        }

        driver.AvailableIndex = (ushort)(random.Next(20) == 0 ? random.Next(65536) : random.Next(size + 1));
        driver.UsedIndex = (ushort)random.Next(65536);
        driver.UsedEvent = (ushort)random.Next(65536);
        Assert.Equal(QueueError.None, SplitQueue.TryCreate(memory.Memory, driver.Layout, features, 0, out SplitQueue? queue));
        int popped = 0;
        while (queue!.TryPop(out DescriptorChain? chain))
        {
            popped++;
            AssertInside(memory, chain.Readable, chain.ReadableLength);
            AssertInside(memory, chain.Writable, chain.WritableLength);
            if (random.Next(3) != 0)
            {
                queue.Push(chain, (uint)random.NextInt64(chain.WritableLength + 1L));
                _ = queue.TakeInterrupt();
            }
        }

        _ = errors.Add(queue.Error);
        _ = queue.Stop();
        return popped;
    }

    private static VirtqDescriptor MakeDescriptor(DriverMemory memory, Random random, int entries, ulong tables)
    {
        int flags = random.Next(8) switch
        {
            0 or 1 => SplitRing.VIRTQ_DESC_F_NEXT,
            2 => SplitRing.VIRTQ_DESC_F_WRITE | SplitRing.VIRTQ_DESC_F_NEXT,
            3 => SplitRing.VIRTQ_DESC_F_WRITE,
            4 => SplitRing.VIRTQ_DESC_F_INDIRECT,
            5 => random.Next(40) == 0 ? random.Next(65536) : 0,
            _ => 0,
        };
        var descriptor = new VirtqDescriptor
        {
            Address = memory.Base + (ulong)random.Next(1 << 18),
            Length = (uint)random.Next(1, 64),
            Flags = (ushort)flags,
            Next = (ushort)(random.Next(30) == 0 ? random.Next(65536) : random.Next(entries)),
        };
        if ((flags & SplitRing.VIRTQ_DESC_F_INDIRECT) != 0)
        {
            descriptor.Address = tables;
            descriptor.Length = (uint)(16 * random.Next(1, 65));
        }

        switch (random.Next(60))
        {
            case 0:
                descriptor.Address = (ulong)random.NextInt64();
                break;
            case 1:
                descriptor.Address = ulong.MaxValue - (ulong)random.Next(64);
                break;
            case 2:
                descriptor.Length = (uint)random.NextInt64(1L << 32);
                break;
            case 3:
                descriptor.Length = 0;
                break;
            default:
                break;
        }

        return descriptor;
    }

    private static void AssertInside(DriverMemory memory, ReadOnlySpan<ChainSegment> segments, uint length)
    {
        ulong total = 0;
        foreach (ref readonly ChainSegment segment in segments)
        {
            total += segment.Length;
            bool inside = segment.Length > 0 && segment.GuestAddress >= memory.Base
                && segment.GuestAddress + segment.Length <= memory.End;
            if (!inside)
            {
                Assert.Fail($"a segment of {segment.Length} bytes at 0x{segment.GuestAddress:x}");
            }
        }

        Assert.Equal(length, total);
    }
}
