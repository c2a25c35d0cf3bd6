using SplitVmm.Harness;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Memory;
using SplitVmm.Virtio.Memory;
using Xunit;

namespace SplitVmm.Ipc.Tests.Virtio;

[Trait("Tier", Tiers.Unit)]
public sealed unsafe class GuestMemoryTests
{
    private const int Page = TwoRegions.Page;

    [Fact]
    public void TryTranslate_InsideOneRegion_GivesItsHostAddress()
    {
        using var two = new TwoRegions();

        Assert.True(two.Memory.TryTranslate(TwoRegions.Start + 5, Page - 5, out byte* host));

        *host = 77;
        Assert.Equal(77, two.File[5]);
    }

    [Theory]
    [InlineData(TwoRegions.Start - 1, 1)]
    [InlineData(TwoRegions.Start - 1, 2)]
    [InlineData(TwoRegions.End, 1)]
    [InlineData(TwoRegions.End - 1, 2)]
    [InlineData(TwoRegions.Start, Page + 1)]
    [InlineData(TwoRegions.Middle - 1, 2)]
    [InlineData(TwoRegions.Start, ulong.MaxValue)]
    [InlineData(TwoRegions.Start + 1, ulong.MaxValue)]
    [InlineData(ulong.MaxValue, 1)]
    [InlineData(0, 1)]
    public void TryTranslate_NotWhollyInOneRegion_IsRefused(ulong address, ulong length)
    {
        using var two = new TwoRegions();

        Assert.False(two.Memory.TryTranslate(address, length, out byte* host));
        Assert.True(host is null);
    }

    [Fact]
    public void TryWrite_AcrossTouchingRegions_IsReadBackAcrossThem()
    {
        using var two = new TwoRegions();

        Assert.True(two.Memory.TryWrite(TwoRegions.Middle - 3, 0x0807_0605_0403_0201UL));
        Assert.True(two.Memory.TryRead(TwoRegions.Middle - 3, out ulong value));

        Assert.Equal(0x0807_0605_0403_0201UL, value);
        Assert.Equal([1, 2, 3], two.File[(Page - 3)..Page].ToArray());
        // The page between the two in the file is not the guest's.
        Assert.Equal(0, two.File[Page]);
        Assert.Equal([4, 5, 6, 7, 8], two.File[(2 * Page)..((2 * Page) + 5)].ToArray());
    }

    [Fact]
    public void TryWrite_BeyondTheEnd_WritesNothing()
    {
        using var two = new TwoRegions();

        Assert.False(two.Memory.TryWrite(TwoRegions.End - 4, 0xFFFF_FFFF_FFFF_FFFFUL));
        Assert.False(two.Memory.TryRead(TwoRegions.End - 4, out ulong _));

        Assert.False(two.File.ContainsAnyExcept((byte)0));
    }

    [Theory]
    [InlineData(TwoRegions.Start, 2 * Page, true)]
    [InlineData(TwoRegions.Start, (2 * Page) + 1, false)]
    [InlineData(TwoRegions.Start + 1, 2 * Page, false)]
    [InlineData(TwoRegions.Start, ulong.MaxValue, false)]
    [InlineData(ulong.MaxValue, 0, true)]
    public void Covers_Range_CountsTouchingRegions(ulong address, ulong length, bool expected)
    {
        using var two = new TwoRegions();

        Assert.Equal(expected, two.Memory.Covers(address, length));
    }

    [Theory]
    // Overlap in the guest.
    [InlineData(0x1000, 0x1000, 0x1FFF, 0x1000, 0, 0x10_0000)]
    [InlineData(0x1000, 0x1000, 0x1000, 0x1000, 0, 0x10_0000)]
    // Overlap by user address.
    [InlineData(0x1000, 0x1000, 0x2000, 0x1000, 0x5000, 0x5FFF)]
    [InlineData(0x1000, 0x1000, 0x2000, 0x1000, 0x5000, 0x5000)]
    // Wrapping in the guest, and by user address.
    [InlineData(0x1000, 0x1000, 0xFFFF_FFFF_FFFF_F001, 0x1000, 0, 0x10_0000)]
    [InlineData(0x1000, 0x1000, 0x2000, 0x1000, 0, 0xFFFF_FFFF_FFFF_F001)]
    public void TryCreate_OverlapOrWrap_IsRefused(
        ulong firstAddress, ulong firstSize, ulong secondAddress, ulong secondSize, ulong firstUser, ulong secondUser)
    {
        using MemFd file = MemFd.Create("overlap", Page, Seals.None);
        GuestMemoryRegion first = Own(file, firstAddress, firstSize, firstUser);
        GuestMemoryRegion second = Own(file, secondAddress, secondSize, secondUser);

        Assert.False(GuestMemory.TryCreate([first, second], out GuestMemory? memory));
        Assert.False(GuestMemory.TryCreate([second, first], out memory));

        Assert.Null(memory);
        first.Discard();
        second.Discard();
    }

    [Fact]
    public void TryCreate_UpToTheEndOfTheAddressSpace_IsTaken()
    {
        using MemFd file = MemFd.Create("end", Page, Seals.None);
        GuestMemoryRegion last = Own(file, 0xFFFF_FFFF_FFFF_F000, Page, 0xFFFF_FFFF_FFFF_F000);

        Assert.True(GuestMemory.TryCreate([last], out GuestMemory? memory));
        Assert.True(memory!.TryRead(ulong.MaxValue, out byte _));
        Assert.False(memory.TryRead(ulong.MaxValue, out ushort _));
        Assert.False(memory.Covers(ulong.MaxValue, 2));

        memory.Release();
    }

    [Fact]
    public void UserAddresses_TranslateBothWays()
    {
        using MemFd file = MemFd.Create("user", Page, Seals.None);
        Assert.True(GuestMemory.TryCreate([Own(file, 0x1000, Page, 0x7F00_0000)], out GuestMemory? memory));

        Assert.True(memory!.TryTranslateUserAddress(0x7F00_0010, out ulong guest));
        Assert.True(memory.TryGetUserAddress(0x1010, out ulong user));
        Assert.False(memory.TryTranslateUserAddress(0x7F00_0000 + Page, out _));
        Assert.False(memory.TryTranslateUserAddress(0x7EFF_FFFF, out _));
        Assert.False(memory.TryGetUserAddress(0xFFF, out _));

        Assert.Equal(0x1010UL, guest);
        Assert.Equal(0x7F00_0010UL, user);
        memory.Release();
    }

    [Fact]
    public void Release_LastOfTwoSetsThatShareARegion_UnmapsIt()
    {
        using MemFd file = MemFd.Create("shared-region", Page, Seals.None);
        var mapping = SharedMapping.Create(file, 0, Page);
        GuestMemoryRegion region = GuestMemoryRegion.Own(0x1000, Page, mapping, 0, 0, 0x1000);
        Assert.True(GuestMemory.TryCreate([region], out GuestMemory? first));
        Assert.True(GuestMemory.TryCreate([region], out GuestMemory? second));

        first!.Acquire();
        first.Release();
        first.Release();
        Assert.False(mapping.IsClosed);

        second!.Release();
        Assert.True(mapping.IsClosed);
    }

    [Fact]
    public void Acquire_AfterTheLastRelease_IsAFaultOfTheHost()
    {
        var memory = GuestMemory.CreateEmpty();
        memory.Release();

        Assert.Throws<ObjectDisposedException>(memory.Acquire);
        Assert.Throws<ObjectDisposedException>(memory.Release);
    }

    [Fact]
    public void EmptySet_EveryAccess_IsRefused()
    {
        var memory = GuestMemory.CreateEmpty();

        Assert.False(memory.TryRead(0, out byte _));
        Assert.False(memory.TryWrite(0, (byte)1));
        Assert.False(memory.TryTranslateUserAddress(0, out _));
        memory.Release();
    }

    private static GuestMemoryRegion Own(MemFd file, ulong address, ulong size, ulong userAddress) =>
        GuestMemoryRegion.Own(address, size, SharedMapping.Create(file, 0, Page), 0, 0, userAddress);
}
