using SplitVmm.Harness;
using SplitVmm.Virtio.Constants;
using SplitVmm.Virtio.Driver;
using SplitVmm.Virtio.Queues;
using Xunit;

namespace SplitVmm.Ipc.Tests.Virtio;

/// <summary>The budget of the hot path: nothing is allocated per request.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class SplitQueueAllocationTests
{
    private const int Batch = 8;
    private const int Rounds = 1000;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void PopReadWritePush_Steadily_AllocatesNothing(bool indirect)
    {
        const ulong Features = VirtioFeatures.VIRTIO_F_INDIRECT_DESC | VirtioFeatures.VIRTIO_F_EVENT_IDX;
        using var pair = new QueuePair(size: 64, Features);
        ulong request = pair.Memory.Allocate(64);
        ulong answer = pair.Memory.Allocate(64);
        var held = new DescriptorChain[Batch];
        long allocated = 0;
        int served = 0;
        for (int round = 0; round < Rounds + 10; round++)
        {
            // The driver's side is test code and may allocate; the device's is measured alone.
            for (int i = 0; i < Batch; i++)
            {
                DriverBuffer[] buffers =
                [
                    DriverBuffer.Readable(request, 10), DriverBuffer.Readable(request + 10, 20),
                    DriverBuffer.Writable(answer, 3), DriverBuffer.Writable(answer + 3, 30),
                ];
                _ = indirect && round < 100 ? pair.Driver.OfferIndirect(buffers) : pair.Driver.Offer(buffers);
            }

            long before = GC.GetAllocatedBytesForCurrentThread();
            served += Serve(pair.Device, held);
            // The first rounds make the pool of chains.
            allocated += round < 10 ? 0 : GC.GetAllocatedBytesForCurrentThread() - before;
            while (pair.Driver.TryCollect(out _, out _))
            {
            }
        }

        Assert.Equal((Rounds + 10) * Batch, served);
        Assert.Equal(0, allocated);
    }

    private static int Serve(SplitQueue queue, DescriptorChain[] held)
    {
        int count = 0;
        while (count < held.Length && queue.TryPop(out DescriptorChain? chain))
        {
            held[count++] = chain;
        }

        Span<byte> buffer = stackalloc byte[64];
        for (int i = count - 1; i >= 0; i--)
        {
            ChainReader reader = held[i].CreateReader();
            ChainWriter writer = held[i].CreateWriter();
            _ = reader.TryRead(out ulong _);
            int length = reader.ReadUpTo(buffer);
            _ = writer.TryWrite((uint)length);
            _ = writer.WriteUpTo(buffer[..length]);
            queue.Push(held[i], writer.Written);
        }

        _ = queue.TryPop(out _);
        _ = queue.TakeInterrupt();
        return count;
    }
}
