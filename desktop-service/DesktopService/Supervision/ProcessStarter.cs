using SplitVmm.Control.Protocol;
using SplitVmm.ControlServer;
using SplitVmm.ControlServer.Sessions;
using SplitVmm.DesktopService.CommandLine;
using SplitVmm.DesktopService.Sandboxing;
using SplitVmm.DesktopService.Spawning;
using SplitVmm.Platform.Descriptors;

namespace SplitVmm.DesktopService.Supervision;

/// <summary>Starts the processes of one machine, each attached to the control server by its own privilege.</summary>
/// <param name="server">Serves the control connections.</param>
/// <param name="post">Runs an action on the supervisor's thread.</param>
/// <param name="reports">Takes what they report.</param>
internal sealed class ProcessStarter(ControlHost server, Action<Action> post, IProcessReports reports)
{
    /// <summary>What the processes are started in; null: nothing.</summary>
    public CageSet? Cages { get; set; }

    /// <summary>The session of vmm-core; set once it was started.</summary>
    public ControlSession<CoreReport, CoreCommand>? Core { get; private set; }

    /// <summary>The session of the last display-process; null while there was none.</summary>
    public ControlSession<DisplayReport, DisplayCommand>? Display { get; private set; }

    /// <summary>
    /// Starts one process; <see cref="SupervisedProcess.Child"/> stays null if that failed.
    /// </summary>
    /// <exception cref="IOException">The program is not there or cannot be started. One line.</exception>
    public void Start(SupervisedProcess process, WireSet wires, RunOptions options)
    {
        string path = process.Role.IsOurs() ? ProgramFolder.Find(process.Name) : VenusServer.Require(options.GpuRuntime);
        process.Session = process.Role.IsOurs() ? Serve(process, wires.TakeControl(process.Role)) : null;
        var request = new SpawnRequest(
            path,
            [.. CommandLines.Of(process.Role, options), .. wires.ArgumentsOf(process.Role)],
            wires.InheritedBy(process.Role));
        process.Child = Cages is null ? PosixSpawn.Start(request) : Cages.Start(process.Role, request);
        process.ImposedSandbox = process.Role.IsOurs() || Cages is null ? null : CageSet.Imposed(process.Role);
    }

    private IControlSession Serve(SupervisedProcess process, Descriptor end)
    {
        switch (process.Role)
        {
            case ProcessRole.Core:
                Core = server.AcceptCore(end, report => post(() => reports.OnCore(process, report)));
                return Core;
            case ProcessRole.Gpu:
                return server.AcceptGpu(end, report => post(() => reports.OnGpu(process, report)));
            default:
                Display = server.AcceptDisplay(end, report => post(() => reports.OnDisplay(process, report)));
                return Display;
        }
    }
}
