using System.Diagnostics;
using SplitVmm.Control.Protocol;
using SplitVmm.DesktopService.Consoles;
using SplitVmm.DesktopService.Supervision;
using SplitVmm.DesktopService.Supervision.Recovery;
using SplitVmm.DesktopService.Views;

namespace SplitVmm.DesktopService.Machines;

/// <summary>Shows a run as another view does, and tells those who listen at the control socket.</summary>
internal sealed class FeedView(IRunView view, EventFeed feed) : IRunView
{
    private readonly Stopwatch _clock = Stopwatch.StartNew();

    public IConsoleSink Console => view.Console;

    public void OnProcess(SupervisedProcess process)
    {
        string state = Words.Of(process.Lifecycle.State);
        Publish(new MachineEvent { Kind = "process", Process = process.Name, Step = state, Text = $"{process.Name} is {state}" });
        view.OnProcess(process);
    }

    public void OnState(MachineStatus status)
    {
        Publish(new MachineEvent { Kind = "state", Step = status.State, Text = status.State });
        view.OnState(status);
    }

    public void OnRecovery(RecoveryNews news)
    {
        Publish(new MachineEvent
        {
            Kind = "recovery",
            Process = news.Role.Name(),
            Step = Words.Of(news.Step),
            Text = news.ToString(),
            Milliseconds = news.Took?.TotalMilliseconds ?? 0,
            Planned = news.IsPlanned,
        });
        view.OnRecovery(news);
    }

    public void OnNotice(string text)
    {
        Publish(new MachineEvent { Kind = "notice", Text = text });
        view.OnNotice(text);
    }

    public void OnEnded(RunOutcome outcome, MachineStatus status)
    {
        Publish(new MachineEvent { Kind = "ended", Step = outcome.IsSuccess ? "ok" : "failed", Text = outcome.Message });
        feed.Complete();
        view.OnEnded(outcome, status);
    }

    public void OnRenderer(MachineStatus status)
    {
        Publish(new MachineEvent { Kind = "renderer", Text = Words.Renderer(status) });
        view.OnRenderer(status);
    }

    public void OnFirstFrame(MachineStatus status, bool accelerated) => view.OnFirstFrame(status, accelerated);

    public void OnLog(ProcessRole role, string line) => view.OnLog(role, line);

    public TimeSpan? RefreshPeriod => view.RefreshPeriod;

    public void Refresh(MachineStatus status) => view.Refresh(status);

    public void Dispose() => view.Dispose();

    private void Publish(MachineEvent item)
    {
        item.Seconds = _clock.Elapsed.TotalSeconds;
        feed.Publish(item);
    }
}
