using SplitVmm.Harness;
using SplitVmm.VmmCore.Boot;
using Xunit;

namespace SplitVmm.VmmCore.Tests.Boot;

[Trait("Tier", Tiers.Unit)]
public sealed class BzImageTests
{
    private const ulong ZeroPage = BootAddresses.ZeroPage;

    [Fact]
    public void Load_PlacesPayloadAndEntersAt64BitEntry()
    {
        var image = new BzImageFile();
        using var rig = new BootRig(image.ToArray());

        VcpuEntry entry = rig.Loader.Load(rig.Ram);

        Assert.Equal(image.Payload, rig.Bytes(BzImageFile.LoadAddress, image.Payload.Length));
        Assert.Equal(BzImageFile.LoadAddress + 0x200, entry.Regs.Rip);
        Assert.Equal(ZeroPage, entry.Regs.Rsi);
        Assert.Equal((0, 1), (entry.Protection.Code.Db, entry.Protection.Code.L));
        Assert.Equal((0x10, 0x18), (entry.Protection.Code.Selector, entry.Protection.Data.Selector));
    }

    [Fact]
    public void Load_ZeroPage_HasHeaderAndPointers()
    {
        byte[] initrd = new byte[5000];
        using var rig = new BootRig(new BzImageFile().ToArray(), initrd: initrd, commandLine: "console=ttyS0");

        rig.Loader.Load(rig.Ram);

        Assert.Equal("HdrS"u8, rig.Bytes(ZeroPage + 0x202, 4));
        Assert.Equal((byte)0xFF, rig.Bytes(ZeroPage + 0x210, 1)[0]);
        Assert.Equal((byte)0x01, rig.Bytes(ZeroPage + 0x211, 1)[0]);
        Assert.Equal(5000u, rig.U32(ZeroPage + 0x21C));
        Assert.Equal(BootAddresses.AcpiTables, rig.U64(ZeroPage + 0x70));
        uint commandLine = rig.U32(ZeroPage + 0x228);
        Assert.Equal("console=ttyS0\0"u8, rig.Bytes(commandLine, 14));
    }

    [Fact]
    public void Load_E820_SaysWhereRamIs()
    {
        using var rig = new BootRig(new BzImageFile().ToArray(), memory: 5UL << 30);

        rig.Loader.Load(rig.Ram);

        int count = rig.Bytes(ZeroPage + 0x1E8, 1)[0];
        var ranges = Enumerable.Range(0, count)
            .Select(i => ZeroPage + 0x2D0 + ((ulong)i * 20))
            .Select(at => (Start: rig.U64(at), Size: rig.U64(at + 8), Type: rig.U32(at + 16)))
            .ToList();
        Assert.Equal(
            [
                (0ul, 0x9FC00ul, 1u), (0xE0000ul, 0x20000ul, 2u), (0x100000ul, 0xBFF00000ul, 1u),
                (0xE0000000ul, 0x10000000ul, 2u), (0x1_0000_0000ul, 0x8000_0000ul, 1u),
            ],
            ranges);
    }

    [Theory]
    [InlineData(0x000_0000UL)]
    [InlineData(0x100_0200UL)]
    [InlineData(0x3FFF_F123UL)]
    [InlineData(0xFFFF_FFF0UL)]
    public void Load_PageTables_MapFirst4GiBOntoThemselves(ulong address)
    {
        using var rig = new BootRig(new BzImageFile().ToArray());
        VcpuEntry entry = rig.Loader.Load(rig.Ram);

        ulong pointers = rig.U64(entry.Protection.Cr3 + (((address >> 39) & 0x1FF) * 8));
        ulong directory = rig.U64((pointers & ~0xFFFUL) + (((address >> 30) & 0x1FF) * 8));
        ulong page = rig.U64((directory & ~0xFFFUL) + (((address >> 21) & 0x1FF) * 8));

        Assert.Equal((3ul, 3ul, 0x83ul), (pointers & 0xFFF, directory & 0xFFF, page & 0xFFF));
        Assert.Equal(address, (page & ~0x1F_FFFFUL) | (address & 0x1F_FFFF));
    }

    [Fact]
    public void Load_Gdt_HoldsTheSegmentsOfTheEntry()
    {
        using var rig = new BootRig(new BzImageFile().ToArray());
        VcpuEntry entry = rig.Loader.Load(rig.Ram);

        Assert.Equal(0x00AF_9B00_0000_FFFFul, rig.U64(entry.Protection.Gdt.Base + 0x10));
        Assert.Equal(0x00CF_9300_0000_FFFFul, rig.U64(entry.Protection.Gdt.Base + 0x18));
        Assert.Equal(0x0000_8B00_0000_0067ul, rig.U64(entry.Protection.Gdt.Base + 0x20));
    }

    [Theory]
    [InlineData(0x20B, 1)]
    [InlineData(0x20F, 0)]
    public void Open_No64BitEntry_IsRefused(ushort version, ushort flags)
    {
        string message = BootRig.Refusal(new BzImageFile { Version = version, LoadFlags64 = flags }.ToArray());

        Assert.Contains("no 64-bit entry", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_Truncated_IsRefused()
    {
        byte[] whole = new BzImageFile().ToArray();
        for (int length = 0x207; length < whole.Length; length += 13)
        {
            Assert.Contains("truncated", BootRig.Refusal(whole[..length]), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Load_InitrdMaximum_IsKept()
    {
        using var rig = new BootRig(new BzImageFile { InitrdMaximum = 0x1FF_FFFF }.ToArray(), initrd: new byte[4096]);

        rig.Loader.Load(rig.Ram);

        Assert.Equal(0x1FF_F000u, rig.U32(ZeroPage + 0x218));
    }

    [Fact]
    public void Load_RoomToUnpackMissing_AsksForMemory()
    {
        string message = BootRig.Refusal(new BzImageFile { InitializationSize = 0x400_0000 }.ToArray());

        Assert.Contains("--memory", message, StringComparison.Ordinal);
    }
}
