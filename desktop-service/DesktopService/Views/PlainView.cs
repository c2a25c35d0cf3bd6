using SplitVmm.DesktopService.Consoles;
using SplitVmm.DesktopService.Supervision;
using SplitVmm.DesktopService.Supervision.Recovery;

namespace SplitVmm.DesktopService.Views;

/// <summary>Lines on standard error for milestones, and the guest's console on standard output, as they are.</summary>
internal class PlainView : IRunView
{
    private readonly Lock _output = new();

    public virtual IConsoleSink Console => OutputFile.StandardOutput;

    public virtual void OnProcess(SupervisedProcess process)
    {
    }

    public virtual void OnState(MachineStatus status) => OnNotice(status.State);

    public void OnRenderer(MachineStatus status) => OnNotice(Words.Renderer(status));

    public void OnFirstFrame(MachineStatus status, bool accelerated) => OnNotice(Words.FirstFrame(status, accelerated));

    public void OnLog(ProcessRole role, string line)
    {
        string prefix = role.Name() + ": ";
        // Processes name themselves in what they write on purpose, libraries do not.
        WriteLine(line.StartsWith(prefix, StringComparison.Ordinal) ? line : prefix + line);
    }

    public virtual void OnRecovery(RecoveryNews news)
    {
        // One line for each, unless it takes long enough to be noticed; an end is told with the end.
        if (news.Step == RecoveryStep.Restarted || news is { Step: RecoveryStep.GivenUp, Role: not ProcessRole.Gpu })
        {
            OnNotice(news.ToString());
        }
    }

    public void OnNotice(string text) => WriteLine("splitvmm: " + text);

    public virtual TimeSpan? RefreshPeriod => null;

    public virtual void Refresh(MachineStatus status)
    {
    }

    public virtual void OnEnded(RunOutcome outcome, MachineStatus status)
    {
        OnNotice(outcome.Message);
        foreach (string detail in outcome.Details)
        {
            WriteLine(detail);
        }

        // A run that never began has nothing to sum up.
        if (outcome.IsSuccess || status.Frames > 0)
        {
            OnNotice(Words.Summary(status));
        }
    }

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
    }

    protected virtual void WriteLine(string line)
    {
        lock (_output)
        {
            OutputFile.StandardError.WriteLine(line);
        }
    }
}
