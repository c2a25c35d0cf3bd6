using System.Diagnostics;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.DesktopService.Tests.Runs;

/// <summary>All the ways in which a run ends as it should, or is made to.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class EndTests
{
    private const int SIGINT = 2;
    private const int SIGKILL = 9;
    private const int SIGTERM = 15;

    /// <summary>What the user is promised after the guest's power-off.</summary>
    private static readonly TimeSpan Promise = TimeSpan.FromSeconds(2);

    [Fact]
    public void PowerOff_ByTheGuest_IsSuccessAndLeavesNothing()
    {
        using var run = new StandInRun("");
        run.WaitForGuest();
        RunResult result = run.PowerOff();

        Assert.Equal(0, result.ExitStatus);
        Assert.Empty(run.Alive());
        Assert.Contains("splitvmm: the guest powered off\n", result.StandardError, StringComparison.Ordinal);
        Assert.Contains("9 frames", result.StandardError, StringComparison.Ordinal);
        // That the others lose their wires then is no news.
        Assert.DoesNotContain("the other end has gone", result.StandardError, StringComparison.Ordinal);
        Assert.EndsWith("guest: off\r\n", result.StandardOutput.Replace("\n", "\r\n", StringComparison.Ordinal).Replace("\r\r", "\r", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gpu-process@quit=hang;gpu-process@term=hang")]
    [InlineData("display-process@quit=ignore;display-process@term=ignore")]
    public void PowerOff_ProcessThatDoesNotEnd_IsKilledInTime(string script)
    {
        using var run = new StandInRun(script);
        run.WaitForGuest();
        run.Program.WriteLine("off");
        Assert.True(run.Program.WaitForOutput("guest: off", StandInRun.Limit));
        var clock = Stopwatch.StartNew();
        RunResult result = run.WaitForExit();

        Assert.Equal(0, result.ExitStatus);
        Assert.Empty(run.Alive());
        // Twice the promise: this machine may be busy with other tests.
        Assert.True(clock.Elapsed < 2 * Promise, $"it took {clock.Elapsed.TotalSeconds} s");
    }

    [Theory]
    [InlineData(SIGINT, "Ctrl-C")]
    [InlineData(SIGTERM, "SIGTERM")]
    public void Signal_GuestPowersOff_IsSuccess(int signal, string name)
    {
        using var run = new StandInRun("");
        run.WaitForGuest();
        run.Signal(signal);
        RunResult result = run.WaitForExit();

        Assert.Equal(0, result.ExitStatus);
        Assert.Empty(run.Alive());
        Assert.Contains($"the guest powered off, asked to because of {name}", result.StandardError, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SIGINT)]
    [InlineData(SIGTERM)]
    public void Signal_GuestIgnoresThePowerButton_IsEndedByForce(int signal)
    {
        using var run = new StandInRun("vmm-core@power=ignore", "--grace", "0.5");
        run.WaitForGuest();
        run.Signal(signal);
        RunResult result = run.WaitForExit();

        Assert.Equal(128 + signal, result.ExitStatus);
        Assert.Empty(run.Alive());
        Assert.Contains("the guest did not power off within 0.5 s", result.StandardError, StringComparison.Ordinal);
    }

    [Fact]
    public void SecondSignal_EndsAtOnce()
    {
        using var run = new StandInRun("vmm-core@power=ignore", "--grace", "1000");
        run.WaitForGuest();
        run.Signal(SIGINT);
        Assert.True(run.Program.WaitForError("was asked to power off", StandInRun.Limit));
        run.Signal(SIGINT);
        RunResult result = run.WaitForExit();

        Assert.Equal(128 + SIGINT, result.ExitStatus);
        Assert.Empty(run.Alive());
        Assert.Contains("ended by force because of Ctrl-C", result.StandardError, StringComparison.Ordinal);
    }

    [Fact]
    public void WindowClosed_AsksTheGuest()
    {
        using var run = new StandInRun("display-process@running=close");
        RunResult result = run.WaitForExit();
        Assert.Equal(0, result.ExitStatus);
        Assert.Contains("asked to because the window was closed", result.StandardError, StringComparison.Ordinal);
    }

    [Fact]
    public void Timeout_Passes_EndsWithStatus1()
    {
        using var run = new StandInRun("", "--timeout", "0.5");
        RunResult result = run.WaitForExit();
        Assert.Equal(1, result.ExitStatus);
        Assert.Contains("because 0.5 s (--timeout) have passed", result.StandardError, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("gpu-process@running=hang;vmm-core@running=hang")]
    public void Supervisor_KilledItself_LeavesNoOrphan(string script)
    {
        using var run = new StandInRun(script, "--gpu", "venus=on");
        run.WaitForGuest();
        Assert.Equal(4, run.Alive().Length);
        run.Signal(SIGKILL);
        Assert.True(run.WaitUntilNoneAlive(TimeSpan.FromSeconds(10)), string.Join(", ", run.Alive()));
    }

    [Theory]
    [InlineData("vmm-core@attached=hang")]
    [InlineData("gpu-process@attached=hang")]
    [InlineData("display-process@ready=hang")]
    public void Supervisor_KilledWhileTheMachineStarts_LeavesNoOrphan(string script)
    {
        using var run = new StandInRun(script, "--gpu", "venus=on");
        Assert.True(SpinWait.SpinUntil(() => run.Alive().Length == 4, StandInRun.Limit), string.Join(", ", run.Alive()));
        run.Signal(SIGKILL);
        Assert.True(run.WaitUntilNoneAlive(TimeSpan.FromSeconds(10)), string.Join(", ", run.Alive()));
    }

    [Theory]
    [InlineData("vmm-core@power=ignore")]
    [InlineData("vmm-core@power=exit:0;gpu-process@quit=hang;gpu-process@term=hang")]
    public void Supervisor_KilledWhileTheMachineEnds_LeavesNoOrphan(string script)
    {
        using var run = new StandInRun(script, "--gpu", "venus=on");
        run.WaitForGuest();
        run.Signal(SIGTERM);
        Assert.True(run.Program.WaitForError("was asked to power off", StandInRun.Limit));
        run.Signal(SIGKILL);
        Assert.True(run.WaitUntilNoneAlive(TimeSpan.FromSeconds(10)), string.Join(", ", run.Alive()));
    }

    [Fact]
    public void Supervisor_StoppedForAWhile_GoesOn()
    {
        const int SIGSTOP = 19;
        const int SIGCONT = 18;
        using var run = new StandInRun("");
        run.WaitForGuest();
        run.Signal(SIGSTOP);
        Thread.Sleep(300);
        Assert.Equal(3, run.Alive().Length);
        run.Signal(SIGCONT);
        Assert.Equal(0, run.PowerOff().ExitStatus);
    }
}
