using SplitVmm.Harness;
using SplitVmm.VmmCore.Probe;
using Xunit;

namespace SplitVmm.VmmCore.Tests.Probe;

[Trait("Tier", Tiers.Unit)]
public sealed class ProbeProgramTests
{
    private const int HandlerOffset = 0x100;

    [Fact]
    public void Code_IsTheAssembledSource()
    {
        string folder = SourceTree.OutputFolder("probe");
        string source = SourceTree.Path("tests", "VmmCore.Tests", "Probe", "probe.S");
        string image = Path.Combine(folder, "probe.bin");
        RunResult built = ChildProgram.Run(
            "sh",
            ["-ec", "gcc -c -o \"$2.o\" \"$1\" && objcopy -O binary -j .text \"$2.o\" \"$2\"", "sh", source, image],
            TimeSpan.FromMinutes(1));
        Assert.True(built.ExitStatus == 0, built.StandardError);

        byte[] expected = new byte[HandlerOffset + ProbeProgram.BreakpointCode.Length];
        ProbeProgram.Code.CopyTo(expected);
        ProbeProgram.BreakpointCode.CopyTo(expected.AsSpan(HandlerOffset));
        Assert.Equal(expected, File.ReadAllBytes(image));
    }

    [Fact]
    public void Next_StepsTheProcessorLacks_AreLeftOut()
    {
        const uint Popcnt = 1u << 23;
        Assert.Equal(ProbeStep.Popcnt, ProbeProgram.Next(ProbeStep.SseMoves, Popcnt));
        Assert.Equal(ProbeStep.End, ProbeProgram.Next(ProbeStep.Popcnt, Popcnt));
        Assert.Equal(ProbeStep.Loop, ProbeProgram.Next(null, 0));
    }
}
