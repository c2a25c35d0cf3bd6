using SplitVmm.Harness;
using SplitVmm.VmmCore.Boot;
using Xunit;

namespace SplitVmm.VmmCore.Tests.Boot;

[Trait("Tier", Tiers.Unit)]
public sealed class ElfKernelTests
{
    private const uint Entry = 0x20_0010;

    private static readonly byte[] s_code = [0xF4, 0xEB, 0xFD];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Load_EitherClass_PlacesSegmentsAndEnters(bool is64Bit)
    {
        byte[] elf = new ElfFile { Is64Bit = is64Bit, Machine = is64Bit ? (ushort)62 : (ushort)3 }
            .Load(0x20_0000, s_code, memorySize: 0x1000).PvhEntry(Entry).ToArray();
        using var rig = new BootRig(elf);

        VcpuEntry entry = rig.Loader.Load(rig.Ram);

        Assert.Equal(s_code, rig.Bytes(0x20_0000, 3));
        Assert.Equal(Entry, entry.Regs.Rip);
        Assert.Equal(1ul, entry.Protection.Cr0 & 0x8000_0001);
        Assert.Equal((1, 0), (entry.Protection.Code.Db, entry.Protection.Code.L));
    }

    [Fact]
    public void Open_NoteOfSplitVmm_IsMicroguest()
    {
        byte[] xen = ElfFile.Note("Xen\0", 18, BitConverter.GetBytes((ulong)Entry));
        byte[] elf = new ElfFile().Load(0x20_0000, s_code).Notes(xen, ElfFile.Note("SplitVmm\0", 1, [])).ToArray();
        using var rig = new BootRig(elf);

        Assert.True(rig.Kernel.IsMicroguest);
    }

    [Theory]
    [InlineData("Linux\0", 1)]
    [InlineData("SplitVmm\0", 2)]
    [InlineData("SplitVm\0", 1)]
    public void Open_OtherNotes_IsNoMicroguest(string owner, uint type)
    {
        byte[] elf = new ElfFile().Load(0x20_0000, s_code).PvhEntry(Entry).Notes(ElfFile.Note(owner, type, [1, 2, 3])).ToArray();
        using var rig = new BootRig(elf);

        Assert.False(rig.Kernel.IsMicroguest);
    }

    [Fact]
    public void Open_MalformedNoteInFront_DoesNotReadBeyond()
    {
        byte[] wrong = ElfFile.Note("Xen\0", 18, BitConverter.GetBytes(Entry));
        BitConverter.TryWriteBytes(wrong.AsSpan(4), 0xFFFF_FFF0);

        string message = BootRig.Refusal(new ElfFile().Load(0x20_0000, s_code).Notes(wrong).ToArray());

        Assert.Contains("without a PVH entry", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_NoPvhNote_SaysWhatToUse()
    {
        string message = BootRig.Refusal(new ElfFile().Load(0x20_0000, s_code).ToArray());

        Assert.Contains("CONFIG_PVH", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_OtherProcessor_IsRefused() =>
        Assert.Contains(
            "another processor",
            BootRig.Refusal(new ElfFile { Machine = 183 }.Load(0x20_0000, s_code).PvhEntry(Entry).ToArray()),
            StringComparison.Ordinal);

    [Fact]
    public void Open_EveryTruncation_IsRefused()
    {
        byte[] elf = new ElfFile().Load(0x20_0000, s_code).PvhEntry(Entry).ToArray();
        for (int length = 1; length < elf.Length; length++)
        {
            string message = BootRig.Refusal(elf[..length]);

            Assert.True(
                message.Contains("truncated", StringComparison.Ordinal) || message.Contains("not a kernel", StringComparison.Ordinal),
                $"{length} bytes: {message}");
        }
    }

    [Fact]
    public void Load_BelowOneMegabyte_IsRefused() =>
        Assert.Contains(
            "below 1 MiB", BootRig.Refusal(new ElfFile().Load(0x7000, s_code).PvhEntry(Entry).ToArray()), StringComparison.Ordinal);

    [Theory]
    [InlineData(0x400_0000, 1)]
    [InlineData(0x3FF_F000, 0x1001)]
    [InlineData(0x20_0000, ulong.MaxValue)]
    [InlineData(ulong.MaxValue - 1, 16)]
    public void Load_OutsideRam_AsksForMemory(ulong address, ulong size)
    {
        string message = BootRig.Refusal(new ElfFile().Load(address, s_code[..1], size).PvhEntry(Entry).ToArray());

        Assert.Contains("--memory", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_FileLargerThanMemory_IsDamaged()
    {
        string message = BootRig.Refusal(new ElfFile().Load(0x20_0000, s_code, memorySize: 2).PvhEntry(Entry).ToArray());

        Assert.Contains("damaged", message, StringComparison.Ordinal);
    }
}
