using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.Lab.Tests;

[Trait("Tier", Tiers.Lab)]
public sealed class RebootTests(LabMachine lab)
{
    private const int Reboots = 10;

    private const int TripleFaults = 2;

    private const int EndedBySigTerm = 128 + 15;

    [Fact]
    public void Reboot_TenTimesInARow_ThenEndsByTerm()
    {
        lab.Start();

        // The guest itself cannot count across reboots: it reboots always, and is ended by TERM after the tenth.
        GuestRun run = new Guest("reboots", "reboot")
        {
            IsSmall = true,
            TermAfter = (Reboots + 1, "SPLITVMM-GUEST: init"),
            Deadline = TimeSpan.FromMinutes(8),
        }.RunUnderSplitVmm();

        Assert.Equal(Reboots + 1, run.Count("SPLITVMM-GUEST: init"));
        Assert.False(run.TimedOut);
        Assert.Equal(EndedBySigTerm, run.ExitStatus);
        Assert.Empty(run.ProcessesLeft);
    }

    [Fact]
    public void Reboot_ByTripleFault_LeavesTheGuestItsTimers()
    {
        lab.Start();

        // A guest whose timers are off by the age of the host takes minutes to each init.
        GuestRun run = new Guest("triple-faults", "reboot")
        {
            IsSmall = true,
            Append = "reboot=t",
            TermAfter = (TripleFaults + 1, "SPLITVMM-GUEST: ready"),
            Deadline = TimeSpan.FromMinutes(3),
        }.RunUnderSplitVmm();

        // It may fault once more before SIGTERM ends it.
        Assert.InRange(run.Count("met a triple fault, which resets a PC"), TripleFaults, TripleFaults + 1);
        Assert.Equal(TripleFaults + 1, run.Count("SPLITVMM-GUEST: ready"));
        Assert.False(run.TimedOut);
        Assert.Equal(EndedBySigTerm, run.ExitStatus);
    }
}
