using System.Diagnostics;
using SplitVmm.Control.Protocol;
using SplitVmm.ControlServer;
using SplitVmm.ControlServer.Sessions;
using SplitVmm.DesktopService.CommandLine;
using SplitVmm.DesktopService.Consoles;
using SplitVmm.DesktopService.Sandboxing;
using SplitVmm.DesktopService.Spawning;
using SplitVmm.DesktopService.Supervision.Recovery;
using SplitVmm.DesktopService.Views;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Events;

namespace SplitVmm.DesktopService.Supervision;

/// <summary>
/// Runs one virtual machine: starts its processes, starts the guest when all are ready, replaces those that can be
/// replaced, and ends all of them with the machine. Everything happens on the thread that calls <see cref="Run"/>;
/// other threads post to its loop.
/// </summary>
internal sealed class VirtualMachine : IDisposable
{
    /// <summary>All processes must be ready by then. Generous: an emulated machine takes its time to load a renderer.</summary>
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly EventLoop _loop = new();
    private readonly Agenda _agenda;
    private readonly StatusModel _status;
    private readonly Crew _crew;
    private readonly ProcessRecovery _recovery;
    private readonly EndSequence _end;
    private readonly RunState _run = new();
    private readonly DeathWatch _deaths;
    private readonly HangWatch _hangs;
    private readonly MemFd _journal = GpuJournalFile.Create();
    private readonly List<(ProcessRole Role, string Line)> _linesWhileStarting = [];
    private readonly RunOptions _options;
    private readonly IRunView _view;
    private SandboxWords? _sandbox;
    private SerialConsole? _console;
    private EndRequest? _endRequest;

    public VirtualMachine(RunOptions options, ControlHost server, IRunView view)
    {
        _options = options;
        _view = view;
        _agenda = new Agenda(() => _clock.Elapsed);
        _status = new StatusModel(() => _clock.Elapsed);
        var reports = new ReportRouter(_status, view)
        {
            Ready = OnReady,
            GuestChanged = OnGuest,
            BackEndChanged = change => _recovery!.OnBackEnd(change),
            Stalled = (process, time) => _hangs!.OnStalled(process, time),
            ConsolesChanged = consoles => ConsolesChanged?.Invoke(consoles),
            CloseRequested = () => OnEndRequested(EndRequest.WindowClosed),
        };
        _crew = new Crew(_loop, options, server, reports)
        {
            Changed = view.OnProcess,
            Attached = process => _hangs!.Watch(process),
            Detached = (process, how) => _hangs!.OnDetached(process, how),
            Exited = (process, status) => _deaths!.OnExited(process, status),
            Line = OnLine,
        };
        _recovery = new ProcessRecovery(_agenda, () => _clock.Elapsed, _crew, options, _journal) { News = OnRecovery };
        _end = new EndSequence(_agenda, _crew);
        _deaths = new DeathWatch(_agenda, () => _clock.Elapsed, _crew, _recovery, _run, view)
        {
            PoweredOff = () => End(PowerOffOutcome()),
            Failed = outcome => End(outcome),
        };
        _hangs = new HangWatch(_agenda, _loop.Post, _crew, _status, _run, options, view) { Failed = outcome => End(outcome) };
    }

    /// <summary>Of the thread that runs the machine; what follows is for that thread.</summary>
    public EventLoop Loop => _loop;

    public MachineStatus Status => _status.Snapshot();

    public IReadOnlyList<SupervisedProcess> Processes => _crew.Processes;

    /// <summary>How often a process was replaced, and how often it died before it was asked to.</summary>
    public (int Restarts, int Crashes) CountsOf(ProcessRole role) => _status.CountsOf(role);

    /// <summary>Null before vmm-core was started.</summary>
    public ControlSession<CoreReport, CoreCommand>? Core => _crew.Control.Core;

    /// <summary>Null: there is no display-process.</summary>
    public ControlSession<DisplayReport, DisplayCommand>? Display => _crew.Control.Display;

    public Action<ConsoleReport>? ConsolesChanged { get; set; }

    /// <summary>A process is being replaced, beside what the view is told.</summary>
    public Action<RecoveryNews>? RecoveryTold { get; set; }

    /// <summary>Where display-process can write pictures; null: anywhere.</summary>
    public string? PictureFolder => _crew.Control.Cages?.PictureFolder;

    /// <summary>Ends a process and starts it again.</summary>
    /// <returns>Null, or one line that says why not.</returns>
    public string? Replace(ProcessRole role) => _run.Phase is RunPhase.Running or RunPhase.PoweringOff
        ? _recovery.Replace(role)
        : "the guest does not run";

    /// <summary>Starts, runs and ends the machine. No process is left when this returns.</summary>
    public RunOutcome Run()
    {
        StartProcesses();
        if (_view.RefreshPeriod is { } period)
        {
            _agenda.Every(period, Refresh);
        }

        while (!_run.IsDecided || _crew.IsAnyAlive)
        {
            _ = _loop.RunOnce(_agenda.NextTimeout());
            _agenda.RunDue();
        }

        _run.Phase = RunPhase.Ended;
        _console?.Dispose();
        _status.SetState("ended");
        RunOutcome outcome = _run.Outcome!;
        _view.OnEnded(outcome, _status.Snapshot());
        return outcome;
    }

    /// <summary>
    /// Somebody wants it to end: first the guest is asked, the second time all is ended by force. From any thread.
    /// </summary>
    public void RequestEnd(EndRequest request) => _loop.Post(() => OnEndRequested(request));

    /// <summary>As <see cref="RequestEnd"/>, on the machine's own thread.</summary>
    public void OnEndRequested(EndRequest request)
    {
        if (_run.IsDecided)
        {
            _end.KillAll();
        }
        else if (_endRequest is not null)
        {
            End(new RunOutcome(request.ForcedStatus, $"ended by force because {request.Reason}", request.Details), force: true);
        }
        else if (_run.IsStarting)
        {
            End(new RunOutcome(request.ForcedStatus, $"ended before the guest was started because {request.Reason}"));
        }
        else
        {
            AskGuest(request);
        }
    }

    public void Dispose()
    {
        _console?.Dispose();
        _recovery.Stop();
        _crew.Dispose();
        _crew.Control.Cages?.Dispose();
        _journal.Dispose();
        _loop.Dispose();
    }

    private void StartProcesses()
    {
        WireSet? wires = null;
        try
        {
            wires = WireSet.Create(_options, _journal);
            _crew.Control.Cages = CageSet.Create(_options);
            _sandbox = new SandboxWords(_crew.Control.Cages);
            _status.SetSandboxOff(_crew.Control.Cages is null);
            foreach (ProcessRole role in wires.Roles)
            {
                _ = _crew.Start(role, wires);
            }

            if (wires.Roles.Contains(ProcessRole.Display))
            {
                _status.CountAtDisplay();
            }

            _console = SerialConsole.Create(wires, _view.Console, () => RequestEnd(EndRequest.ConsoleEscape));
            _agenda.After(StartLimit, OnStartLimit);
        }
        catch (IOException e)
        {
            End(new RunOutcome(e is HostUnfitException ? ExitStatus.HostCannot : ExitStatus.Failed, e.Message), force: true);
        }
        finally
        {
            wires?.Dispose();
        }
    }

    private void OnReady(SupervisedProcess process)
    {
        // The report of being set up may overtake the news of the hello, which comes by another task.
        bool wasAttached = process.Lifecycle.OnAttached();
        if (wasAttached)
        {
            _hangs.Watch(process);
        }

        if (wasAttached | process.Lifecycle.OnReady())
        {
            _view.OnProcess(process);
            _recovery.OnReady(process);
        }

        if (_run.IsStarting && _crew.AreAllReady)
        {
            StartGuest();
        }
    }

    private void StartGuest()
    {
        _run.Phase = RunPhase.Running;
        _linesWhileStarting.ForEach(entry => _view.OnLog(entry.Role, entry.Line));
        _linesWhileStarting.Clear();
        _sandbox?.Describe(_crew.Processes).ForEach(_view.OnNotice);
        if (_crew.Find(ProcessRole.Venus) is not null && VenusServer.Warning() is { } warning)
        {
            _view.OnNotice(warning);
        }

        _ = Core!.Send(new CoreCommand { Start = new Start() });
        _console?.Open();
        if (_options.Timeout is { } timeout)
        {
            _agenda.After(timeout, () => OnEndRequested(EndRequest.TimedOut(timeout)));
        }
    }

    private void OnGuest(GuestState state)
    {
        if (state == GuestState.PoweredOff)
        {
            _run.GuestPoweredOff = true;
            _deaths.OnGuestPoweredOff();
        }

        if (_run.Phase is RunPhase.Running)
        {
            _status.SetState(Words.Of(state));
            _view.OnState(_status.Snapshot());
        }
    }

    private void OnLine(ProcessRole role, string line)
    {
        if (_run.IsStarting)
        {
            // Perhaps the reason of a failure, which is then told once, alone.
            _linesWhileStarting.Add((role, line));
        }
        else if (_run.IsUndisturbed)
        {
            _view.OnLog(role, line);
        }

        // Afterwards every process loses its peers, and says so: no news.
    }

    private void OnRecovery(RecoveryNews news)
    {
        _status.SetDown(_recovery.Down);
        _status.Count(news);
        _view.OnRecovery(news);
        RecoveryTold?.Invoke(news);
        if (news.Step != RecoveryStep.GivenUp)
        {
            return;
        }

        if (news.Role == ProcessRole.Gpu)
        {
            // The guest waits for its GPU for ever, but can still save its files.
            OnEndRequested(EndRequest.ProcessLost(news.ToString(), DeathReport.LastWords(_crew.Find(news.Role)!)));
        }
        else
        {
            _view.OnNotice("the machine goes on without a window; SIGTERM or Ctrl-C asks the guest to power off");
        }
    }

    private void OnStartLimit()
    {
        SupervisedProcess? late = _crew.Processes.FirstOrDefault(process => process.Lifecycle.State != ProcessState.Ready);
        if (_run.IsStarting && !_run.IsDecided && late is not null)
        {
            End(new RunOutcome(
                ExitStatus.Failed, $"{late.Name} did not get ready within {StartLimit.TotalSeconds:0} s"));
        }
    }

    private void AskGuest(EndRequest request)
    {
        _endRequest = request;
        _run.Phase = RunPhase.PoweringOff;
        if (_status.Snapshot().State == Words.Of(GuestState.Paused))
        {
            // A guest that stands hears no button.
            _ = Core!.Send(new CoreCommand { Resume = new Resume() });
        }

        // From here on Ctrl-C is for this program again.
        _console?.Close();
        _status.SetState("stopping");
        _view.OnState(_status.Snapshot());
        _ = Core!.Send(new CoreCommand { PowerButton = new PowerButton() });
        _view.OnNotice($"the guest was asked to power off because {request.Reason}; it has {_options.Grace.TotalSeconds:0.#} s, Ctrl-C ends it at once");
        _agenda.After(_options.Grace, () =>
        {
            if (!_run.IsDecided)
            {
                End(new RunOutcome(
                    request.ForcedStatus,
                    $"ended because {request.Reason}: the guest did not power off within {_options.Grace.TotalSeconds:0.#} s",
                    request.Details));
            }
        });
    }

    private RunOutcome PowerOffOutcome() => _endRequest is { } request
        ? new RunOutcome(request.OrderlyStatus, $"the guest powered off, asked to because {request.Reason}", request.Details)
        : new RunOutcome(ExitStatus.AsAsked, "the guest powered off");

    /// <summary>Fixes the outcome and ends every process: in order, or by force at once.</summary>
    private void End(RunOutcome outcome, bool force = false)
    {
        _run.Outcome = outcome;
        bool failedToStart = _run.IsStarting;
        _run.Phase = RunPhase.Ending;
        _linesWhileStarting.Clear();
        _console?.Close();
        _recovery.Stop();
        if (!failedToStart && !_run.GuestPoweredOff)
        {
            _status.SetState("stopping");
            _view.OnState(_status.Snapshot());
        }

        if (force)
        {
            _end.KillAll();
        }
        else
        {
            _end.Begin();
        }
    }

    private bool Refresh()
    {
        _view.Refresh(_status.Snapshot());
        return true;
    }
}
