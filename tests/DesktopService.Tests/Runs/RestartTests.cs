using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.DesktopService.Tests.Runs;

/// <summary>gpu-process and display-process end in every way while the guest runs, and are replaced.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class RestartTests
{
    private const int SIGKILL = 9;
    private const int SIGSTOP = 19;

    [Theory]
    [InlineData("gpu-process", "signal:9", "died (signal 9)")]
    [InlineData("gpu-process", "signal:6", "died (signal 6)")]
    [InlineData("gpu-process", "exit:1", "died (status 1)")]
    [InlineData("gpu-process", "exit:0", "died (status 0)")]
    [InlineData("display-process", "signal:11", "died (signal 11)")]
    [InlineData("display-process", "exit:3", "died (status 3)")]
    public void Death_OfAReplaceableProcess_IsFollowedByANewOne(string role, string action, string how)
    {
        using var run = new StandInRun($"{role}.1@running={action}");
        run.WaitForGuest();
        Assert.True(run.Program.WaitForError($"splitvmm: {role} {how}, restarted in ", StandInRun.Limit), run.Program.StandardError);
        Assert.Contains(" ms (1 of 5 in 60 s)\n", run.Program.StandardError, StringComparison.Ordinal);
        Assert.Equal(2, run.Starts(role));
        Assert.Equal(3, run.Alive().Length);

        RunResult result = run.PowerOff();
        Assert.Equal(0, result.ExitStatus);
        Assert.Empty(run.Alive());
        Assert.Contains("1 restart of a process", result.StandardError, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("signal:9", "was killed by signal 9 (SIGKILL)")]
    [InlineData("signal:11", "was killed by signal 11 (SIGSEGV)")]
    [InlineData("exit:0", "ended with status 0")]
    [InlineData("exit:1", "ended with status 1")]
    public void Death_OfTheVenusServer_BringsANewPair(string action, string how)
    {
        using var run = new StandInRun($"venus-server.1@running={action}", "--gpu", "venus=on");
        run.WaitForGuest();
        Assert.True(
            run.Program.WaitForError($"splitvmm: gpu-process lost its Venus server, which {how}, and was killed, restarted in ", StandInRun.Limit),
            run.Program.StandardError);
        Assert.Contains(" ms (1 of 5 in 60 s)\n", run.Program.StandardError, StringComparison.Ordinal);
        Assert.Equal((2, 2), (run.Starts("venus-server"), run.Starts("gpu-process")));
        Assert.Equal(4, run.Alive().Length);
        Assert.Equal(0, run.PowerOff().ExitStatus);
        Assert.Empty(run.Alive());
    }

    [Fact]
    public void Death_OfGpuProcess_EndsItsVenusServer()
    {
        using var run = new StandInRun("gpu-process.1@running=signal:9;venus-server.1@quit=hang", "--gpu", "venus=on");
        run.WaitForGuest();
        Assert.True(run.Program.WaitForError("splitvmm: gpu-process died (signal 9), restarted in ", StandInRun.Limit), run.Program.StandardError);
        Assert.Equal((2, 2), (run.Starts("venus-server"), run.Starts("gpu-process")));
        Assert.Equal(0, run.PowerOff().ExitStatus);
        Assert.Empty(run.Alive());
    }

    [Fact]
    public void Death_OfBothAtOnce_IsSurvived()
    {
        using var run = new StandInRun("");
        run.WaitForGuest();
        StandInRun.Signal(run.Pid("gpu-process"), SIGKILL);
        StandInRun.Signal(run.Pid("display-process"), SIGKILL);
        Assert.True(run.Program.WaitForError("gpu-process died (signal 9), restarted", StandInRun.Limit));
        Assert.True(run.Program.WaitForError("display-process died (signal 9), restarted", StandInRun.Limit));
        Assert.True(run.Program.WaitForOutput("Input plugged", StandInRun.Limit));
        Assert.Equal(3, run.Alive().Length);
        Assert.Equal(0, run.PowerOff().ExitStatus);
    }

    [Theory]
    [InlineData("gpu-process.2@spawned=signal:9")]
    [InlineData("gpu-process.2@attached=exit:1")]
    [InlineData("gpu-process.2@ready=signal:11")]
    [InlineData("gpu-process.2@running=signal:11")]
    [InlineData("venus-server.2@spawned=signal:9")]
    [InlineData("venus-server.2@attached=exit:1")]
    [InlineData("venus-server.2@running=signal:11")]
    public void Death_OfTheReplacement_IsSurvivedToo(string script)
    {
        using var run = new StandInRun("gpu-process.1@running=signal:9;" + script, "--gpu", "venus=on");
        Assert.True(run.Program.WaitForError("(2 of 5 in 60 s)", StandInRun.Limit), run.Program.StandardError);
        Assert.Equal(3, run.Starts("gpu-process"));
        Assert.Equal(0, run.PowerOff().ExitStatus);
    }

    [Fact]
    public void LateWordThatADeadProcessServes_DoesNotStandForItsSuccessor()
    {
        // vmm-core says that it goes on with instance 2 when that has died and instance 3 is on its way.
        using var run = new StandInRun("gpu-process.2@running=signal:9;gpu-process.3@attached=pause:500;vmm-core@plugged=pause:200");
        run.WaitForGuest();
        StandInRun.Signal(run.Pid("gpu-process"), SIGKILL);
        Assert.True(run.Program.WaitForError("(2 of 5 in 60 s)", StandInRun.Limit), run.Program.StandardError);
        Assert.Equal(3, run.Starts("gpu-process"));
        Assert.True(run.Program.WaitForOutput("VhostUser plugged\nguest: VhostUser plugged", StandInRun.Limit), run.Program.StandardOutput);
        Assert.Equal(0, run.PowerOff().ExitStatus);
    }

    [Fact]
    public void CutOff_ByVmmCore_IsKilledAndReplaced()
    {
        // The process lives on, but vmm-core will have nothing more to do with it.
        using var run = new StandInRun("gpu-process.1@running=signal:9;vmm-core@plugged=refuses", "--crash-quota", "1/60");
        RunResult result = run.WaitForExit();
        Assert.Equal(1, result.ExitStatus);
        Assert.Contains("gpu-process was cut off by vmm-core (refuses) and was killed, for the 2. time", result.StandardError, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("gpu-process.2@attached=pause:700")]
    public void WordOnTheFormerProcess_DoesNotHarmTheNewOne(string script)
    {
        using var run = new StandInRun("gpu-process.1@running=signal:9;" + script);
        Assert.True(run.Program.WaitForError("(1 of 5 in 60 s)", StandInRun.Limit));
        Thread.Sleep(800);
        Assert.Equal(2, run.Starts("gpu-process"));
        Assert.Equal(0, run.PowerOff().ExitStatus);
    }

    [Fact]
    public void Quota_ExceededByGpuProcess_EndsTheMachineInGoodOrderWithAReport()
    {
        using var run = new StandInRun("gpu-process@running=signal:11", "--crash-quota", "3/60");
        RunResult result = run.WaitForExit();

        Assert.Equal(1, result.ExitStatus);
        Assert.Empty(run.Alive());
        Assert.Equal(4, run.Starts("gpu-process"));
        // The guest was asked, and could end by itself.
        Assert.Contains("guest: off", result.StandardOutput, StringComparison.Ordinal);
        Assert.Contains(
            "splitvmm: the guest powered off, asked to because gpu-process died (signal 11), for the 4. time in 60 s, and is not restarted any more\n"
            + "last lines of gpu-process:\n  the script says: die at running\n",
            result.StandardError,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Quota_ExceededByDisplayProcess_LeavesTheMachineWithoutAWindow()
    {
        using var run = new StandInRun("", "--crash-quota", "1/60");
        run.WaitForGuest();
        StandInRun.Signal(run.Pid("display-process"), SIGKILL);
        Assert.True(run.Program.WaitForError("display-process died (signal 9), restarted", StandInRun.Limit));
        StandInRun.Signal(run.Pid("display-process"), SIGKILL);
        Assert.True(run.Program.WaitForError("the machine goes on without a window", StandInRun.Limit));
        Assert.Equal(["vmm-core", "gpu-process"], run.Alive());
        Assert.Equal(0, run.PowerOff().ExitStatus);
    }

    [Fact]
    public void Quota_None_EndsWithTheFirstDeath()
    {
        using var run = new StandInRun("gpu-process@running=signal:9", "--crash-quota", "0/60");
        RunResult result = run.WaitForExit();
        Assert.Equal(1, result.ExitStatus);
        Assert.Equal(1, run.Starts("gpu-process"));
        Assert.Contains("gpu-process died (signal 9), and is not restarted (--crash-quota)", result.StandardError, StringComparison.Ordinal);
    }

    [Fact]
    public void Stopped_ProcessThatDoesNotAnswer_IsKilledAndReplaced()
    {
        using var run = new StandInRun("", "--gpu-hang-timeout", "0.5");
        run.WaitForGuest();
        StandInRun.Signal(run.Pid("gpu-process"), SIGSTOP);
        Assert.True(
            run.Program.WaitForError("splitvmm: gpu-process did not answer for 0.5 s and was killed, restarted in ", StandInRun.Limit),
            run.Program.StandardError);
        Assert.Equal(0, run.PowerOff().ExitStatus);
        Assert.Empty(run.Alive());
    }

    [Fact]
    public void Stalled_RendererWithoutProgress_IsKilledAndReplaced()
    {
        using var run = new StandInRun("gpu-process.1@running=stalled", "--gpu-hang-timeout", "1");
        Assert.True(
            run.Program.WaitForError("splitvmm: gpu-process made no progress for 1.5 s and was killed, restarted in ", StandInRun.Limit),
            run.Program.StandardError);
        Assert.Equal(0, run.PowerOff().ExitStatus);
    }

    [Fact]
    public void Program_GoneWhenItIsNeededAgain_CountsAsDeaths()
    {
        using var run = new StandInRun("", "--crash-quota", "2/60");
        run.WaitForGuest();
        int? pid = run.Pid("gpu-process");
        File.Delete(run.Path("gpu-process"));
        StandInRun.Signal(pid, SIGKILL);
        RunResult result = run.WaitForExit();
        Assert.Equal(1, result.ExitStatus);
        Assert.Contains("gpu-process cannot be started: gpu-process is not in ", result.StandardError, StringComparison.Ordinal);
        Assert.Empty(run.Alive());
    }
}
