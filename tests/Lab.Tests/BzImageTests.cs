using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.Lab.Tests;

/// <summary>The kernel as distributions ship it, which unpacks itself.</summary>
[Trait("Tier", Tiers.Lab)]
public sealed class BzImageTests(LabMachine lab)
{
    [Fact]
    public void Boot_ByThe64BitProtocol_FindsRamDiskAndCommandLine()
    {
        lab.Start();

        GuestRun run = new Guest("bzimage", "bzimage") { IsSmall = true, Kernel = "bzImage", Append = "splitvmm.mark=found" }.RunUnderSplitVmm();

        Assert.Contains("splitvmm.mark=found", run.Console, StringComparison.Ordinal);
        // How the kernel was loaded, in its own words: 0xFF is "undefined", which the loader is to say of itself.
        Assert.Contains("loader type: 255", run.Console, StringComparison.Ordinal);
        Assert.Equal(0, run.ExitStatus);
        Assert.Empty(run.ProcessesLeft);
    }
}
