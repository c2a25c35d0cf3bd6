using SplitVmm.ControlServer;
using SplitVmm.DesktopService.CommandLine;
using SplitVmm.DesktopService.Spawning;
using SplitVmm.Platform.Events;
using SplitVmm.Wires.Plug;

namespace SplitVmm.DesktopService.Supervision;

/// <summary>
/// The processes of one machine, at most one of each role at a time: starts them and notices what becomes of them.
/// On the supervisor's thread.
/// </summary>
internal sealed class Crew : IDisposable
{
    private readonly EventLoop _loop;
    private readonly RunOptions _options;
    private readonly ProcessStarter _starter;
    private readonly List<SupervisedProcess> _current = [];

    public Crew(EventLoop loop, RunOptions options, ControlHost server, IProcessReports reports)
    {
        _loop = loop;
        _options = options;
        _starter = new ProcessStarter(server, loop.Post, reports);
    }

    /// <summary>Something about the process has changed.</summary>
    public required Action<SupervisedProcess> Changed { get; init; }

    /// <summary>Its hello was welcomed.</summary>
    public required Action<SupervisedProcess> Attached { get; init; }

    /// <summary>Its control connection has ended, as the text says; the process may live on.</summary>
    public required Action<SupervisedProcess, string> Detached { get; init; }

    public required Action<SupervisedProcess, ExitStatus> Exited { get; init; }

    /// <summary>A line that it printed.</summary>
    public required Action<ProcessRole, string> Line { get; init; }

    /// <summary>One for each role that was started; the last one of a role that is down.</summary>
    public IReadOnlyList<SupervisedProcess> Processes => _current;

    /// <summary>Commands for vmm-core.</summary>
    public ProcessStarter Control => _starter;

    public bool IsAnyAlive => _current.Exists(process => process.Lifecycle.IsAlive);

    public bool AreAllReady => _current.TrueForAll(process => process.Lifecycle.State == ProcessState.Ready);

    public SupervisedProcess? Find(ProcessRole role) => _current.Find(process => process.Role == role);

    /// <summary>The process of a role if it lives and was not told to end.</summary>
    public SupervisedProcess? FindWorking(ProcessRole role) =>
        Find(role) is { Lifecycle.State: ProcessState.Starting or ProcessState.Attached or ProcessState.Ready } process ? process : null;

    /// <summary>Starts a process in the place of the last one of its role, if there was one.</summary>
    /// <exception cref="IOException">The program is not there or cannot be started. One line.</exception>
    public SupervisedProcess Start(ProcessRole role, WireSet wires)
    {
        var process = new SupervisedProcess(role);
        if (Find(role) is { } former)
        {
            _ = _current.Remove(former);
            former.Dispose();
        }

        _current.Add(process);
        _starter.Start(process, wires, _options);
        if (role.IsOurs())
        {
            process.Plugs = new PlugWireSource(wires.TakePlugWire(role));
        }

        Watch(process, new LineTail(wires.TakeErrors(role), line => Line(role, line)));
        return process;
    }

    public void Dispose() => _current.ForEach(process => process.Dispose());

    private void Watch(SupervisedProcess process, LineTail errors)
    {
        process.Errors = errors;
        _ = process.Lifecycle.OnSpawned();
        Changed(process);
        Watch output = _loop.Add(errors.Pipe, Readiness.In, _ =>
        {
            if (!errors.Read())
            {
                process.OutputWatch?.Dispose();
            }
        });
        process.OutputWatch = output;
        process.ExitWatch = _loop.Add(process.Child!.Pidfd, Readiness.In, _ =>
        {
            process.ExitWatch?.Dispose();
            OnExited(process, output);
        });
        if (process.Session is null)
        {
            // It says nothing of itself: that it runs is all there is to know.
            _ = process.Lifecycle.OnAttached();
            _ = process.Lifecycle.OnReady();
            Changed(process);
            return;
        }

        _ = process.Session.Attached.ContinueWith(
            attached => _loop.Post(() => OnAttached(process, attached.IsCompletedSuccessfully)), TaskScheduler.Default);
        _ = process.Session.Ended.ContinueWith(
            ended => _loop.Post(() => Detached(process, ended.Result)), TaskScheduler.Default);
    }

    private void OnExited(SupervisedProcess process, Watch output)
    {
        ExitStatus status = process.Child!.Reap();
        // Its last words are in the pipe already.
        _ = process.Errors!.Read();
        output.Dispose();
        _ = process.Lifecycle.OnExited(status);
        Changed(process);
        Exited(process, status);
    }

    private void OnAttached(SupervisedProcess process, bool attached)
    {
        if (attached && process.Lifecycle.OnAttached())
        {
            Changed(process);
            Attached(process);
        }
    }
}
