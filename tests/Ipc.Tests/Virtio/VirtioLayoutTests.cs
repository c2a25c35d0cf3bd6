using SplitVmm.Harness;
using SplitVmm.Virtio.Constants;
using SplitVmm.Virtio.Queues;
using Xunit;

namespace SplitVmm.Ipc.Tests.Virtio;

/// <summary>Sizes, offsets and values of virtio 1.3, written down a second time.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class VirtioLayoutTests
{
    [Fact]
    public void VirtqDescriptor_HasTheLayoutOfTheSpecification() => LayoutAssert.Is<VirtqDescriptor>(
        16,
        (nameof(VirtqDescriptor.Address), 0),
        (nameof(VirtqDescriptor.Length), 8),
        (nameof(VirtqDescriptor.Flags), 12),
        (nameof(VirtqDescriptor.Next), 14));

    [Fact]
    public void InflightStructures_HaveTheLayoutOfTheSpecification()
    {
        LayoutAssert.Is<InflightRegion.QueueRegionSplit>(
            16,
            (nameof(InflightRegion.QueueRegionSplit.Features), 0),
            (nameof(InflightRegion.QueueRegionSplit.Version), 8),
            (nameof(InflightRegion.QueueRegionSplit.DescNum), 10),
            (nameof(InflightRegion.QueueRegionSplit.LastBatchHead), 12),
            (nameof(InflightRegion.QueueRegionSplit.UsedIdx), 14));
        LayoutAssert.Is<InflightRegion.DescStateSplit>(
            16,
            (nameof(InflightRegion.DescStateSplit.Inflight), 0),
            (nameof(InflightRegion.DescStateSplit.Next), 6),
            (nameof(InflightRegion.DescStateSplit.Counter), 8));
        Assert.Equal(64UL, InflightRegion.BytesFor(1));
        Assert.Equal(64UL, InflightRegion.BytesFor(2));
        Assert.Equal(4096UL + 64, InflightRegion.BytesFor(256));
    }

    [Theory]
    [InlineData(1, 16, 8, 14)]
    [InlineData(256, 4096, 518, 2054)]
    public void Rings_HaveTheSizesOfSection2_7(int size, ulong descriptors, ulong available, ulong used)
    {
        Assert.Equal(descriptors, SplitRing.DescriptorTableBytes(size));
        Assert.Equal(available, SplitRing.AvailableRingBytes(size));
        Assert.Equal(used, SplitRing.UsedRingBytes(size));
    }

    [Fact]
    public void FeatureBits_AreThoseOfSection6()
    {
        Assert.Equal(1UL << 28, VirtioFeatures.VIRTIO_F_INDIRECT_DESC);
        Assert.Equal(1UL << 29, VirtioFeatures.VIRTIO_F_EVENT_IDX);
        Assert.Equal(1UL << 32, VirtioFeatures.VIRTIO_F_VERSION_1);
        Assert.Equal(1UL << 33, VirtioFeatures.VIRTIO_F_ACCESS_PLATFORM);
        Assert.Equal(1UL << 34, VirtioFeatures.VIRTIO_F_RING_PACKED);
        Assert.Equal(1UL << 40, VirtioFeatures.VIRTIO_F_RING_RESET);
    }
}
