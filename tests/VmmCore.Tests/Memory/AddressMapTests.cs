using SplitVmm.Harness;
using SplitVmm.VmmCore.Memory;
using Xunit;

namespace SplitVmm.VmmCore.Tests.Memory;

[Trait("Tier", Tiers.Unit)]
public sealed class AddressMapTests
{
    private const ulong GiB = 1UL << 30;

    [Theory]
    [InlineData(1 * GiB, 1 * GiB, 0)]
    [InlineData(3 * GiB, 3 * GiB, 0)]
    [InlineData(4 * GiB, 3 * GiB, 1 * GiB)]
    [InlineData(100 * GiB, 3 * GiB, 97 * GiB)]
    public void TryCreate_SplitsRamAt3GiB(ulong size, ulong low, ulong high)
    {
        Assert.True(AddressMap.TryCreate(size, 40, out AddressMap? map));

        Assert.Equal((low, high), (map.LowRamSize, map.HighRamSize));
    }

    [Theory]
    [InlineData(1 * GiB, 64 * GiB)]
    [InlineData(63 * GiB, 64 * GiB)]
    [InlineData(64 * GiB, 128 * GiB)]
    public void TryCreate_Window64_StartsBehindRamAt64GiB(ulong size, ulong start)
    {
        Assert.True(AddressMap.TryCreate(size, 40, out AddressMap? map));

        Assert.Equal(start, map.PciWindow64Start);
        Assert.Equal(256 * GiB, map.PciWindow64Size);
    }

    [Fact]
    public void TryCreate_NarrowProcessor_WindowEndsWithItsAddresses()
    {
        Assert.True(AddressMap.TryCreate(16 * GiB, 38, out AddressMap? map));

        Assert.Equal(256 * GiB, map.PciWindow64Start + map.PciWindow64Size);
    }

    [Theory]
    [InlineData(0, 40)]
    [InlineData(4095, 40)]
    [InlineData(1 * GiB, 36)]
    [InlineData(1024 * GiB, 40)]
    [InlineData(1UL << 63, 52)]
    public void TryCreate_NoRoom_ReturnsFalse(ulong size, int bits) => Assert.False(AddressMap.TryCreate(size, bits, out _));
}
