using SplitVmm.DesktopService.Tests.Interop;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.DesktopService.Tests.Runs;

/// <summary>On a real (pseudo) terminal: raw mode for the guest, escapes, the status line, and all as it was afterwards.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class TerminalTests : IDisposable
{
    private const string CtrlA = "\u0001";
    private const string CtrlC = "\u0003";

    private readonly Pty _pty = new();
    private readonly string _before;

    public TerminalTests() => _before = _pty.Settings();

    public void Dispose() => _pty.Dispose();

    [Fact]
    public void Terminal_WhileTheGuestRuns_IsRawAndThenAsBefore()
    {
        using StandInRun run = Start("");
        // Ctrl-C is a key like others: it reaches the guest, and no signal reaches anybody.
        _pty.Type($"a{CtrlC}b");
        Assert.True(_pty.WaitFor("a<3>b", StandInRun.Limit), _pty.Screen);
        _pty.Type("off");
        Assert.Equal(0, run.WaitForExit().ExitStatus);
        Assert.Equal(_before, _pty.Settings());
        Assert.Contains("the guest powered off", _pty.Screen, StringComparison.Ordinal);
        // The row of the status line was given back.
        Assert.EndsWith("\e[r", _pty.Screen[.._pty.Screen.IndexOf("\e8\e[J", StringComparison.Ordinal)], StringComparison.Ordinal);
    }

    [Fact]
    public void CtrlA_x_EndsAndRestores()
    {
        using StandInRun run = Start("");
        _pty.Type($"{CtrlA}{CtrlA}");
        Assert.True(_pty.WaitFor("<1>", StandInRun.Limit), _pty.Screen);
        _pty.Type($"{CtrlA}x");
        Assert.Equal(0, run.WaitForExit().ExitStatus);
        Assert.Equal(_before, _pty.Settings());
        Assert.Contains("asked to because of Ctrl-A x", _pty.Screen, StringComparison.Ordinal);
    }

    [Fact]
    public void CtrlA_x_ThenCtrlC_EndsAtOnce()
    {
        using StandInRun run = Start("vmm-core@power=ignore", "--grace", "1000");
        _pty.Type($"{CtrlA}x");
        Assert.True(_pty.WaitFor("was asked to power off", StandInRun.Limit), _pty.Screen);
        Assert.True(Pty.WaitFor(() => _pty.Settings() == _before, StandInRun.Limit), "the terminal is still raw");
        _pty.Type(CtrlC);
        Assert.Equal(130, run.WaitForExit().ExitStatus);
        Assert.Empty(run.Alive());
    }

    [Theory]
    [InlineData("vmm-core@running=signal:11")]
    [InlineData("gpu-process@running=signal:11")]
    public void Death_RestoresTheTerminal(string script)
    {
        using StandInRun run = Start(script, waitForGuest: false);
        Assert.Equal(1, run.WaitForExit().ExitStatus);
        Assert.Equal(_before, _pty.Settings());
    }

    [Fact]
    public void Help_IsShown()
    {
        using StandInRun run = Start("");
        _pty.Type($"{CtrlA}h");
        Assert.True(_pty.WaitFor("Ctrl-A x: power the guest off", StandInRun.Limit), _pty.Screen);
        _pty.Type("off");
        _ = run.WaitForExit();
    }

    [Fact]
    public void StatusLine_ShowsRendererAndFrames()
    {
        using StandInRun run = Start("");
        Assert.True(_pty.WaitFor("stand-in [2J pipe", StandInRun.Limit), _pty.Screen);
        Assert.True(_pty.WaitFor("9 frames", StandInRun.Limit), _pty.Screen);
        // The last row of 24 is the line's own.
        Assert.Contains("\e[1;23r\e[24;1H", _pty.Screen, StringComparison.Ordinal);
        _pty.Type("off");
        Assert.Equal(0, run.WaitForExit().ExitStatus);
    }

    private StandInRun Start(string script, params string[] arguments) => Start(script, waitForGuest: true, arguments);

    private StandInRun Start(string script, bool waitForGuest, params string[] arguments)
    {
        var run = new StandInRun(script, _pty.Name, arguments);
        if (waitForGuest)
        {
            Assert.True(_pty.WaitFor("guest: up", StandInRun.Limit), _pty.Screen);
            Assert.True(Pty.WaitFor(() => _pty.Settings() != _before, StandInRun.Limit), "the terminal did not become raw");
        }

        return run;
    }
}
