using SplitVmm.DesktopService.Consoles;
using SplitVmm.DesktopService.Supervision;

namespace SplitVmm.DesktopService.Views;

/// <summary>
/// A live status line at the bottom of the terminal, below what the guest's console and the processes print.
/// </summary>
internal sealed class TerminalView : PlainView
{
    private readonly BottomLine _bottom;

    /// <param name="consoleOnTerminal">The guest's console is shown on the same terminal.</param>
    public TerminalView(bool consoleOnTerminal)
    {
        _bottom = new BottomLine(OutputFile.StandardError);
        Console = consoleOnTerminal ? _bottom : OutputFile.StandardOutput;
    }

    public override IConsoleSink Console { get; }

    // The line shows it.
    public override void OnState(MachineStatus status) => Refresh(status);

    public override TimeSpan? RefreshPeriod => TimeSpan.FromMilliseconds(250);

    public override void Refresh(MachineStatus status) => _bottom.Show(width => StatusText.Render(status, width));

    public override void OnEnded(RunOutcome outcome, MachineStatus status)
    {
        _bottom.Dispose();
        base.OnEnded(outcome, status);
    }

    protected override void Dispose(bool disposing)
    {
        _bottom.Dispose();
        base.Dispose(disposing);
    }

    protected override void WriteLine(string line) => _bottom.WriteLine(line);
}
