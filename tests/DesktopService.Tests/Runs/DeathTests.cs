using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.DesktopService.Tests.Runs;

/// <summary>Every process dies in every way at every step: the others end, and the report names the right one.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class DeathTests
{
    public static TheoryData<string, string, string> BeforeTheGuestRuns()
    {
        var data = new TheoryData<string, string, string>();
        foreach (string role in (string[])["vmm-core", "gpu-process", "display-process"])
        {
            foreach (string step in (string[])["spawned", "attached"])
            {
                data.Add(role, step, "exit:1");
                data.Add(role, step, "exit:3");
                data.Add(role, step, "signal:11");
            }

            data.Add(role, "spawned", "exit:2");
            data.Add(role, "spawned", "exit:0");
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(BeforeTheGuestRuns))]
    public void Run_DeathBeforeTheGuestRuns_IsToldOnceInOneLine(string role, string step, string action)
    {
        using var run = new StandInRun($"{role}@{step}={action}");
        RunResult result = run.WaitForExit();

        Assert.Empty(run.Alive());
        Assert.DoesNotContain("guest: up", result.StandardOutput, StringComparison.Ordinal);
        switch (action)
        {
            case "exit:0":
                Assert.Equal(1, result.ExitStatus);
                Assert.Contains($"{role} (pid {run.Pid(role)}) ended with status 0 without having been asked to while starting", result.StandardError, StringComparison.Ordinal);
                break;
            case "signal:11":
                Assert.Equal(1, result.ExitStatus);
                Assert.Contains($"{role} (pid {run.Pid(role)}) was killed by signal 11 (SIGSEGV) while starting", result.StandardError, StringComparison.Ordinal);
                break;
            default:
                Assert.Equal(action[^1] - '0', result.ExitStatus);
                // Milestones of the others may come before; the failure is one line, and the last.
                Assert.Equal($"splitvmm: {role}: the script says: end at {step}", result.StandardError.TrimEnd('\n').Split('\n')[^1]);
                break;
        }
    }

    [Theory]
    [InlineData("signal:9", "was killed by signal 9 (SIGKILL)")]
    [InlineData("signal:11", "was killed by signal 11 (SIGSEGV)")]
    [InlineData("exit:1", "ended with status 1")]
    public void Run_DeathOfVmmCoreWhileTheGuestRuns_IsReportedWithTheLastLines(string action, string how)
    {
        using var run = new StandInRun($"vmm-core@running={action}");
        RunResult result = run.WaitForExit();

        Assert.Empty(run.Alive());
        Assert.Equal(1, result.ExitStatus);
        Assert.Contains($"splitvmm: vmm-core (pid {run.Pid("vmm-core")}) {how} after ", result.StandardError, StringComparison.Ordinal);
        Assert.Contains("last lines of vmm-core:\n  the script says: ", result.StandardError, StringComparison.Ordinal);
        // What follows its death is nobody else's crash.
        Assert.DoesNotContain("restarted", result.StandardError, StringComparison.Ordinal);
        Assert.Equal(1, run.Starts("gpu-process"));
    }

    [Fact]
    public void Run_ProcessWithoutHello_IsNamedAndEnded()
    {
        // It lives, but cuts the connection: what a wedged process may do.
        using var run = new StandInRun("gpu-process@spawned=hang");
        run.Signal(15);
        RunResult result = run.WaitForExit();
        Assert.Equal(128 + 15, result.ExitStatus);
        Assert.Empty(run.Alive());
    }

    [Theory]
    [InlineData("vmm-core")]
    [InlineData("gpu-process")]
    [InlineData("display-process")]
    public void Run_ProgramMissing_SaysWhichAndWhere(string role)
    {
        string folder = Directory.CreateTempSubdirectory("splitvmm-test-").FullName;
        foreach (string other in (string[])["display-process", "gpu-process", "vmm-core"])
        {
            if (other != role)
            {
                // Ends at once: by then the missing one must be known anyway.
                File.CreateSymbolicLink(Path.Combine(folder, other), "/bin/cat");
            }
        }

        RunResult result = ChildProgram.Run(
            StandInRun.SplitVmmProgram,
            ["run", "--sandbox=off", "--kernel", "kernel", "--display", "headless"],
            StandInRun.Limit,
            new Dictionary<string, string> { ["SPLITVMM_LIBEXEC"] = folder });
        Directory.Delete(folder, recursive: true);
        Assert.Equal(1, result.ExitStatus);
        Assert.Equal(
            $"splitvmm: {role} is not in {folder}; install the four programs side by side or set SPLITVMM_LIBEXEC to their folder\n",
            result.StandardError);
    }
}
