using SplitVmm.DesktopService.Consoles;
using SplitVmm.DesktopService.Supervision;
using SplitVmm.DesktopService.Supervision.Recovery;

namespace SplitVmm.DesktopService.Views;

/// <summary>
/// Shows a run to a person or to a program. All calls but the console's come from the supervisor's thread.
/// </summary>
internal interface IRunView : IDisposable
{
    /// <summary>Where the guest's serial output goes; written to by the console's own thread.</summary>
    IConsoleSink Console { get; }

    void OnProcess(SupervisedProcess process);

    /// <summary>The machine's state has changed; it stands in the status.</summary>
    void OnState(MachineStatus status);

    void OnRenderer(MachineStatus status);

    void OnFirstFrame(MachineStatus status, bool accelerated);

    /// <summary>A line that a process printed, clean of control characters.</summary>
    void OnLog(ProcessRole role, string line);

    /// <summary>A process went down, works again, or is given up.</summary>
    void OnRecovery(RecoveryNews news);

    /// <summary>Something the user should know, in one line.</summary>
    void OnNotice(string text);

    /// <summary>How often it wants <see cref="Refresh"/>; null: never.</summary>
    TimeSpan? RefreshPeriod { get; }

    /// <summary>The figures as they are now.</summary>
    void Refresh(MachineStatus status);

    /// <summary>The last call: every process has ended.</summary>
    void OnEnded(RunOutcome outcome, MachineStatus status);
}
