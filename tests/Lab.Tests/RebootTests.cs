using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.Lab.Tests;

[Trait("Tier", Tiers.Lab)]
public sealed class RebootTests(LabMachine lab)
{
    private const int Reboots = 10;

    private const int EndedBySigTerm = 128 + 15;

    [Fact]
    public void Reboot_TenTimesInARow_ThenEndsByTerm()
    {
        lab.Start();

        // The guest itself cannot count across reboots: it reboots always, and is ended by TERM after the tenth.
        GuestRun run = new Guest("reboots", "reboot")
        {
            TermAfter = (Reboots + 1, "SPLITVMM-GUEST: init"),
            Deadline = TimeSpan.FromMinutes(8),
        }.RunUnderSplitVmm();

        Assert.Equal(Reboots + 1, run.Count("SPLITVMM-GUEST: init"));
        Assert.False(run.TimedOut);
        Assert.Equal(EndedBySigTerm, run.ExitStatus);
        Assert.Empty(run.ProcessesLeft);
    }
}
