using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.DesktopService.Tests.Runs;

/// <summary>Every process dies in every way at every step: the others end, and the report names the right one.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class DeathTests
{
    private const int SIGTERM = 15;
    private const string Venus = "venus-server";

    public static TheoryData<string, string, string> BeforeTheGuestRuns()
    {
        var data = new TheoryData<string, string, string>();
        foreach (string role in StandInPrograms.Roles)
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

    public static TheoryData<string, string, string> WhileTheMachineEnds()
    {
        var data = new TheoryData<string, string, string>();
        foreach (string role in StandInPrograms.Roles)
        {
            foreach (string step in (string[])["quit", "term"])
            {
                data.Add(role, step, "exit:1");
                data.Add(role, step, "signal:9");
                data.Add(role, step, "signal:11");
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(BeforeTheGuestRuns))]
    public void Run_DeathBeforeTheGuestRuns_IsToldOnceInOneLine(string role, string step, string action)
    {
        // Nobody waits for a Venus server, which says nothing of itself: another one is late, or the guest would run by then.
        using StandInRun run = Start(role, $"{role}@{step}={action}" + (role == Venus ? ";vmm-core@attached=hang" : ""));
        RunResult result = run.WaitForExit();

        Assert.Empty(run.Alive());
        Assert.False(run.HasSocket);
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
                Assert.Equal(role == Venus ? 1 : action[^1] - '0', result.ExitStatus);
                // Milestones of the others may come before; the failure is one line, and the last.
                Assert.Equal($"splitvmm: {role}: the script says: end at {step}", result.StandardError.TrimEnd('\n').Split('\n')[^1]);
                break;
        }
    }

    [Theory]
    [InlineData("running", "signal:9", "was killed by signal 9 (SIGKILL)")]
    [InlineData("running", "signal:11", "was killed by signal 11 (SIGSEGV)")]
    [InlineData("running", "exit:1", "ended with status 1")]
    [InlineData("power", "signal:9", "was killed by signal 9 (SIGKILL)")]
    [InlineData("power", "exit:1", "ended with status 1")]
    public void Run_DeathOfVmmCoreWhileTheGuestRuns_IsReportedWithTheLastLines(string step, string action, string how)
    {
        using var run = new StandInRun($"vmm-core@{step}={action}");
        if (step == "power")
        {
            run.WaitForGuest();
            run.Signal(SIGTERM);
        }

        RunResult result = run.WaitForExit();

        Assert.Empty(run.Alive());
        Assert.False(run.HasSocket);
        Assert.Equal(1, result.ExitStatus);
        Assert.Contains($"splitvmm: vmm-core (pid {run.Pid("vmm-core")}) {how} after ", result.StandardError, StringComparison.Ordinal);
        Assert.Contains("last lines of vmm-core:\n  the script says: ", result.StandardError, StringComparison.Ordinal);
        // What follows its death is nobody else's crash.
        Assert.DoesNotContain("restarted", result.StandardError, StringComparison.Ordinal);
        Assert.Equal(1, run.Starts("gpu-process"));
    }

    [Theory]
    [MemberData(nameof(WhileTheMachineEnds))]
    public void Run_DeathWhileTheMachineEnds_ChangesNothing(string role, string step, string action)
    {
        // Whoever is to be ended by a signal has not ended when it was asked to, nor have those whose end it would follow.
        string deaf = step == "term" ? ";vmm-core@quit=ignore;gpu-process@quit=ignore;display-process@quit=ignore" : "";
        using StandInRun run = Start(role, $"{role}@{step}={action}{deaf};vmm-core@power=ignore", "--grace", "0.3");
        run.WaitForGuest();
        run.Signal(SIGTERM);
        RunResult result = run.WaitForExit();

        Assert.Equal(128 + SIGTERM, result.ExitStatus);
        Assert.Contains("the guest did not power off within 0.3 s", result.StandardError, StringComparison.Ordinal);
        Assert.Equal(1, run.Starts(role));
        Assert.Empty(run.Alive());
        Assert.False(run.HasSocket);
        // A crash on the way is told. The Venus server is killed as soon as gpu-process has ended, which may be sooner.
        bool isTold = result.StandardError.Contains($"{role} was killed by signal 11 (SIGSEGV) while it was ending", StringComparison.Ordinal);
        Assert.True(isTold == (action == "signal:11") || (role, step) == (Venus, "quit"), result.StandardError);
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

    private static StandInRun Start(string role, string script, params string[] arguments) =>
        new(script, [.. arguments, .. role == Venus ? ["--gpu", "venus=on"] : Array.Empty<string>()]);
}
