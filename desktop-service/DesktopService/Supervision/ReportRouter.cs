using SplitVmm.Control.Protocol;
using SplitVmm.DesktopService.Views;

namespace SplitVmm.DesktopService.Supervision;

/// <summary>Brings what the processes report to the status, to the view, and to those who act on it.</summary>
internal sealed class ReportRouter(StatusModel status, IRunView view) : IProcessReports
{
    /// <summary>The process can do its work.</summary>
    public required Action<SupervisedProcess> Ready { get; init; }

    /// <summary>The guest's state, other than that it is ready to be started.</summary>
    public required Action<GuestState> GuestChanged { get; init; }

    /// <summary>vmm-core has lost a device's back end, or serves the device by a new one.</summary>
    public required Action<BackEndEvent> BackEndChanged { get; init; }

    /// <summary>gpu-process has had work for so long, and none was completed.</summary>
    public required Action<SupervisedProcess, TimeSpan> Stalled { get; init; }

    /// <summary>The user closed the window.</summary>
    public required Action CloseRequested { get; init; }

    /// <summary>What viewers are told of the heads has changed.</summary>
    public required Action<ConsoleReport> ConsolesChanged { get; init; }

    public void OnCore(SupervisedProcess process, CoreReport report)
    {
        switch (report.KindCase)
        {
            case CoreReport.KindOneofCase.Guest when report.Guest.State == GuestState.Ready:
                Ready(process);
                break;
            case CoreReport.KindOneofCase.Guest:
                GuestChanged(report.Guest.State);
                break;
            case CoreReport.KindOneofCase.BackEnd:
                BackEndChanged(report.BackEnd);
                break;
            case CoreReport.KindOneofCase.WindowRepaired:
                view.OnNotice(Words.WindowRepaired(status.Take(report.WindowRepaired)));
                break;
        }
    }

    public void OnGpu(SupervisedProcess process, GpuReport report)
    {
        switch (report.KindCase)
        {
            case GpuReport.KindOneofCase.Renderer:
                if (status.Take(report.Renderer))
                {
                    view.OnRenderer(status.Snapshot());
                }

                Ready(process);
                break;
            case GpuReport.KindOneofCase.FirstFlush when status.Take(report.FirstFlush):
                view.OnFirstFrame(status.Snapshot(), report.FirstFlush.Accelerated);
                break;
            case GpuReport.KindOneofCase.Statistics when process.Lifecycle.IsAlive:
                status.Take(report.Statistics);
                // What it says is its own word: at worst it ends itself.
                Stalled(process, TimeSpan.FromMilliseconds(Math.Min(report.Statistics.StalledMs, int.MaxValue)));
                break;
        }
    }

    public void OnDisplay(SupervisedProcess process, DisplayReport report)
    {
        switch (report.KindCase)
        {
            case DisplayReport.KindOneofCase.Backend:
                status.Take(report.Backend);
                Ready(process);
                break;
            case DisplayReport.KindOneofCase.FirstFrame when status.Take(report.FirstFrame):
                view.OnFirstFrame(status.Snapshot(), accelerated: false);
                break;
            case DisplayReport.KindOneofCase.Statistics when process.Lifecycle.IsAlive:
                status.Take(report.Statistics);
                break;
            case DisplayReport.KindOneofCase.Consoles:
                ConsolesChanged(report.Consoles);
                break;
            case DisplayReport.KindOneofCase.CloseRequested:
                CloseRequested();
                break;
        }
    }
}
