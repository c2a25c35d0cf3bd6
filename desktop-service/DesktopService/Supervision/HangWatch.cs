using SplitVmm.DesktopService.CommandLine;
using SplitVmm.DesktopService.Spawning;
using SplitVmm.DesktopService.Supervision.Recovery;
using SplitVmm.DesktopService.Views;

namespace SplitVmm.DesktopService.Supervision;

/// <summary>What becomes of a process that lives and does not do its work: it is ended, so that another can take its place.</summary>
internal sealed class HangWatch
{
    /// <summary>A process that has cut its control connection has this long to end by itself.</summary>
    private static readonly TimeSpan DetachedLimit = TimeSpan.FromSeconds(2);

    private readonly Agenda _agenda;
    private readonly Crew _crew;
    private readonly StatusModel _status;
    private readonly RunState _run;
    private readonly RunOptions _options;
    private readonly IRunView _view;
    private readonly HealthWatch _health;

    public HangWatch(Agenda agenda, Action<Action> post, Crew crew, StatusModel status, RunState run, RunOptions options, IRunView view)
    {
        _agenda = agenda;
        _crew = crew;
        _status = status;
        _run = run;
        _options = options;
        _view = view;
        _health = new HealthWatch(agenda, post, PatienceWith, OnHealth);
    }

    /// <summary>The machine cannot go on without the process.</summary>
    public required Action<RunOutcome> Failed { get; init; }

    /// <summary>The process can be asked whether it is well, and is from now on.</summary>
    public void Watch(SupervisedProcess process) => _health.Watch(process);

    /// <summary>A process has cut its control connection.</summary>
    public void OnDetached(SupervisedProcess process, string how) => _agenda.After(DetachedLimit, () =>
    {
        if (_run.IsDecided || !process.Lifecycle.IsAlive)
        {
            return;
        }

        if (!_run.IsStarting && ProcessRecovery.CanReplace(process.Role))
        {
            ProcessRecovery.Kill(process, "closed its control connection");
        }
        else
        {
            Failed(new RunOutcome(ExitStatus.Failed, $"{how}, and did not end; the virtual machine was ended"));
        }
    });

    /// <summary>A process has work that has not come on for so long.</summary>
    public void OnStalled(SupervisedProcess process, TimeSpan time)
    {
        if (time >= PatienceWith(ProcessRole.Gpu) && !_run.IsDecided && !_run.IsStarting)
        {
            ProcessRecovery.Kill(process, FormattableString.Invariant($"made no progress for {time.TotalSeconds:0.#} s"));
        }
    }

    private TimeSpan PatienceWith(ProcessRole role) => Patience.With(role, _options, _status.Snapshot().Renderer);

    private void OnHealth(SupervisedProcess process)
    {
        _status.SetSilent([.. _crew.Processes.Where(candidate => !candidate.IsHealthy).Select(candidate => candidate.Name)]);
        // A process that is ending has better things to do than to answer.
        if (!_run.IsUndisturbed)
        {
            return;
        }

        if (!process.IsHealthy && ProcessRecovery.CanReplace(process.Role) && !_run.IsStarting)
        {
            ProcessRecovery.Kill(
                process, FormattableString.Invariant($"did not answer for {PatienceWith(process.Role).TotalSeconds:0.#} s"));
            return;
        }

        _view.OnNotice(process.IsHealthy ? $"{process.Name} answers again" : $"{process.Name} does not answer");
    }
}
