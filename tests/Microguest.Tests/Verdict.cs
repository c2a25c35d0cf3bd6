using Xunit;

namespace SplitVmm.Microguest.Tests;

/// <summary>What makes a run of the guest a good one.</summary>
internal static class Verdict
{
    public static void Passed(MicroguestRun run)
    {
        Assert.DoesNotContain("MG: fail", run.Result.StandardOutput, StringComparison.Ordinal);
        Assert.True(run.Result.StandardOutput.Contains("MG: done 1 0", StringComparison.Ordinal), run.Transcript);
        Assert.True(run.Result.ExitStatus == 0, run.Transcript);
    }
}
