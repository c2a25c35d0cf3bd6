using SplitVmm.Harness;
using SplitVmm.VhostUser.Messages;
using Xunit;

namespace SplitVmm.Ipc.Tests.VhostUser;

/// <summary>Sizes, offsets and numbers of the vhost-user specification, written down a second time.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class VhostUserLayoutTests
{
    [Fact]
    public void Header_HasTwelveBytes() => LayoutAssert.Is<VhostUserHeader>(
        12, (nameof(VhostUserHeader.Request), 0), (nameof(VhostUserHeader.Flags), 4), (nameof(VhostUserHeader.Size), 8));

    [Fact]
    public void VringState_HasEightBytes() =>
        LayoutAssert.Is<VhostVringState>(8, (nameof(VhostVringState.Index), 0), (nameof(VhostVringState.Num), 4));

    [Fact]
    public void VringAddr_HasFortyBytes() => LayoutAssert.Is<VhostVringAddr>(
        40,
        (nameof(VhostVringAddr.Index), 0),
        (nameof(VhostVringAddr.Flags), 4),
        (nameof(VhostVringAddr.Descriptor), 8),
        (nameof(VhostVringAddr.Used), 16),
        (nameof(VhostVringAddr.Available), 24),
        (nameof(VhostVringAddr.Log), 32));

    [Fact]
    public void MemoryMessages_HaveTheSizesOfTheSpecification()
    {
        LayoutAssert.Is<VhostUserMemoryHeader>(
            8, (nameof(VhostUserMemoryHeader.NumRegions), 0), (nameof(VhostUserMemoryHeader.Padding), 4));
        LayoutAssert.Is<VhostUserMemoryRegion>(
            32,
            (nameof(VhostUserMemoryRegion.GuestAddress), 0),
            (nameof(VhostUserMemoryRegion.Size), 8),
            (nameof(VhostUserMemoryRegion.UserAddress), 16),
            (nameof(VhostUserMemoryRegion.MmapOffset), 24));
        LayoutAssert.Is<VhostUserSingleMemoryRegion>(
            40, (nameof(VhostUserSingleMemoryRegion.Padding), 0), (nameof(VhostUserSingleMemoryRegion.Region), 8));
    }

    [Fact]
    public void ConfigHeader_HasTwelveBytes() => LayoutAssert.Is<VhostUserConfigHeader>(
        12,
        (nameof(VhostUserConfigHeader.Offset), 0),
        (nameof(VhostUserConfigHeader.Size), 4),
        (nameof(VhostUserConfigHeader.Flags), 8));

    [Fact]
    public void Inflight_HasTwentyBytesOfFields() => LayoutAssert.Is<VhostUserInflight>(
        24,
        (nameof(VhostUserInflight.MmapSize), 0),
        (nameof(VhostUserInflight.MmapOffset), 8),
        (nameof(VhostUserInflight.NumQueues), 16),
        (nameof(VhostUserInflight.QueueSize), 18));

    [Fact]
    public void MMap_HasFortyBytes() => LayoutAssert.Is<VhostUserMMap>(
        40,
        (nameof(VhostUserMMap.ShmId), 0),
        (nameof(VhostUserMMap.FdOffset), 8),
        (nameof(VhostUserMMap.ShmOffset), 16),
        (nameof(VhostUserMMap.Length), 24),
        (nameof(VhostUserMMap.Flags), 32));

    [Fact]
    public void ShMemConfig_HasSizesOf256Regions() => LayoutAssert.Is<VhostUserShMemConfig>(
        2056, (nameof(VhostUserShMemConfig.NumRegions), 0), (nameof(VhostUserShMemConfig.Sizes), 8));

    [Theory]
    [InlineData(VhostUserRequest.GET_SHMEM_CONFIG, 44)]
    [InlineData(VhostUserRequest.GET_FEATURES, 1)]
    [InlineData(VhostUserRequest.SET_MEM_TABLE, 5)]
    [InlineData(VhostUserRequest.GET_VRING_BASE, 11)]
    [InlineData(VhostUserRequest.SET_VRING_ERR, 14)]
    [InlineData(VhostUserRequest.SET_VRING_ENABLE, 18)]
    [InlineData(VhostUserRequest.SET_BACKEND_REQ_FD, 21)]
    [InlineData(VhostUserRequest.SET_CONFIG, 25)]
    [InlineData(VhostUserRequest.SET_INFLIGHT_FD, 32)]
    [InlineData(VhostUserRequest.RESET_DEVICE, 34)]
    [InlineData(VhostUserRequest.REM_MEM_REG, 38)]
    [InlineData(VhostUserRequest.GET_STATUS, 40)]
    public void Request_HasItsNumber(VhostUserRequest request, uint number) => Assert.Equal(number, (uint)request);

    [Theory]
    [InlineData(VhostUserProtocolFeatures.REPLY_ACK, 3)]
    [InlineData(VhostUserProtocolFeatures.BACKEND_REQ, 5)]
    [InlineData(VhostUserProtocolFeatures.CONFIG, 9)]
    [InlineData(VhostUserProtocolFeatures.INFLIGHT_SHMFD, 12)]
    [InlineData(VhostUserProtocolFeatures.RESET_DEVICE, 13)]
    [InlineData(VhostUserProtocolFeatures.CONFIGURE_MEM_SLOTS, 15)]
    [InlineData(VhostUserProtocolFeatures.STATUS, 16)]
    [InlineData(VhostUserProtocolFeatures.SHMEM, 22)]
    public void ProtocolFeature_HasItsBit(VhostUserProtocolFeatures feature, int bit) =>
        Assert.Equal(1UL << bit, (ulong)feature);
}
