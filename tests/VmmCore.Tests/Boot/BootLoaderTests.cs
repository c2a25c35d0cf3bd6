using SplitVmm.Harness;
using SplitVmm.VmmCore.Boot;
using Xunit;

namespace SplitVmm.VmmCore.Tests.Boot;

[Trait("Tier", Tiers.Unit)]
public sealed class BootLoaderTests
{
    private static readonly byte[] s_kernel = new ElfFile().Load(0x20_0000, [0xF4], 0x10_0000).PvhEntry(0x20_0000).ToArray();

    [Fact]
    public void Load_PvhStartInfo_LeadsToEverything()
    {
        byte[] initrd = [.. Enumerable.Range(0, 5000).Select(static i => (byte)i)];
        using var rig = new BootRig(s_kernel, initrd: initrd, commandLine: "test=boot");

        ulong info = rig.Loader.Load(rig.Ram).Regs.Rbx;

        Assert.Equal(0x336E_C578u, rig.U32(info));
        Assert.Equal(1u, rig.U32(info + 4));
        Assert.Equal(1u, rig.U32(info + 12));
        Assert.Equal("test=boot\0"u8, rig.Bytes(rig.U64(info + 24), 10));
        Assert.Equal(BootRig.AcpiBytes, rig.Bytes(rig.U64(info + 32), 4));
        ulong module = rig.U64(info + 16);
        Assert.Equal(5000ul, rig.U64(module + 8));
        Assert.Equal(initrd, rig.Bytes(rig.U64(module), 5000));
        Assert.Equal(4u, rig.U32(info + 48));
        ulong third = rig.U64(info + 40) + 48;
        Assert.Equal((0x10_0000ul, (64ul << 20) - 0x10_0000, 1u), (rig.U64(third), rig.U64(third + 8), rig.U32(third + 16)));
    }

    [Fact]
    public void Load_WithoutInitrd_HasNoModule()
    {
        using var rig = new BootRig(s_kernel);

        ulong info = rig.Loader.Load(rig.Ram).Regs.Rbx;

        Assert.Equal((0u, 0ul), (rig.U32(info + 12), rig.U64(info + 16)));
    }

    [Theory]
    [InlineData(1, 0x3FF_F000)]
    [InlineData(4096, 0x3FF_F000)]
    [InlineData(4097, 0x3FF_E000)]
    public void Load_Initrd_IsAtTheTopOfLowRam(int size, ulong start)
    {
        using var rig = new BootRig(s_kernel, initrd: new byte[size]);

        ulong info = rig.Loader.Load(rig.Ram).Regs.Rbx;

        Assert.Equal(start, rig.U64(rig.U64(info + 16)));
    }

    [Fact]
    public void Load_InitrdOverKernel_AsksForMemory()
    {
        string message = BootRig.Refusal(s_kernel, memory: 16 << 20, initrd: new byte[14 << 20]);

        Assert.Contains("--memory", message, StringComparison.Ordinal);
        Assert.Contains("14 MiB", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_ResetVector_PulsesTheResetLine()
    {
        using var rig = new BootRig(s_kernel);

        rig.Loader.Load(rig.Ram);

        Assert.Equal([0xB0, 0xFE, 0xE6, 0x64], rig.Bytes(0xFFFF0, 4));
    }

    [Fact]
    public void Load_AfterClear_IsTheSameAgain()
    {
        using var rig = new BootRig(s_kernel, commandLine: "one");
        rig.Loader.Load(rig.Ram);
        byte[] first = rig.Bytes(0, 4 << 20);
        Assert.True(rig.Ram.TrySlice(0, 4 << 20, out Span<byte> ram));
        ram.Fill(0xA5);

        rig.Ram.Clear();
        Assert.Equal(new byte[4 << 20], rig.Bytes(0, 4 << 20));
        rig.Loader.Load(rig.Ram);

        Assert.Equal(first, rig.Bytes(0, 4 << 20));
    }

    [Fact]
    public void Load_FileReplacedMeanwhile_LoadsWhatWasOpened()
    {
        using var rig = new BootRig(s_kernel, initrd: [1, 2, 3]);
        File.Delete(rig.KernelPath);
        File.Delete(rig.InitrdPath!);

        rig.Loader.Load(rig.Ram);

        Assert.Equal(0xF4, rig.Bytes(0x20_0000, 1)[0]);
    }

    [Fact]
    public void Create_CommandLineTooLong_SaysHowLongItMayBe()
    {
        string message = BootRig.Refusal(s_kernel, commandLine: new string('x', 2048));

        Assert.Contains("2048 bytes", message, StringComparison.Ordinal);
        Assert.Contains("takes 2047", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Create_CommandLineWithZero_IsRefused() =>
        Assert.Contains("zero byte", BootRig.Refusal(s_kernel, commandLine: "a\0b"), StringComparison.Ordinal);

    [Fact]
    public void Create_CommandLineOfTheLimit_IsTaken()
    {
        using var rig = new BootRig(s_kernel, commandLine: new string('x', 2047));

        ulong info = rig.Loader.Load(rig.Ram).Regs.Rbx;

        Assert.Equal((byte)0, rig.Bytes(rig.U64(info + 24) + 2047, 1)[0]);
    }
}
