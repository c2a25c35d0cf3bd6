using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.Microguest.Tests;

/// <summary>Everything that needs no 3D.</summary>
[Trait("Tier", Tiers.Microguest)]
public sealed class MicroguestTests
{
    [Theory]
    [InlineData("boot", 1)]
    [InlineData("pci", 1)]
    [InlineData("virtio", 1)]
    [InlineData("irq", 1)]
    [InlineData("smp", 4)]
    [InlineData("gpu2d", 1)]
    [InlineData("fuzz seed=1 count=100000", 1)]
    [InlineData("fuzz seed=2 count=100000", 1)]
    public void Test_OfTheMicroguest_Passes(string test, int cpus) => Verdict.Passed(MicroguestRun.Of(test, cpus));

    [Fact]
    public void Memory_Above4GiB_HoldsWhatIsWritten()
    {
        MicroguestRun run = MicroguestRun.Of("mem", memory: "6G");
        Verdict.Passed(run);
    }
}
