using SplitVmm.Control.Protocol;
using SplitVmm.DesktopService.CommandLine;
using SplitVmm.DesktopService.Spawning;
using SplitVmm.DesktopService.Text;
using SplitVmm.Platform.Descriptors;

namespace SplitVmm.DesktopService.Supervision.Recovery;

/// <summary>
/// Replaces gpu-process and display-process when they end without the machine ending (docs/recovery.md). vmm-core
/// cannot be replaced: it is the machine. On the supervisor's thread.
/// </summary>
/// <param name="agenda">For delays and limits.</param>
/// <param name="clock">Time since some fixed moment.</param>
/// <param name="crew">The processes.</param>
/// <param name="options">Of the run.</param>
/// <param name="journal">What one gpu-process leaves to the next.</param>
internal sealed class ProcessRecovery(Agenda agenda, Func<TimeSpan> clock, Crew crew, RunOptions options, Descriptor journal)
{
    /// <summary>A new process that is not ready by then counts as dead.</summary>
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(30);

    /// <summary>vmm-core has given up a back end; the process behind it has this long to end by itself.</summary>
    private static readonly TimeSpan EndLimit = TimeSpan.FromMilliseconds(500);

    private readonly Dictionary<ProcessRole, RecoveryTrack> _tracks = new[] { ProcessRole.Gpu, ProcessRole.Display }
        .ToDictionary(role => role, role => new RecoveryTrack(role, options.CrashQuota));

    private readonly Dictionary<ProcessRole, Replacement> _replacements = [];

    /// <summary>The last gpu-process that vmm-core was connected to, and the number that it has there.</summary>
    private (uint Number, SupervisedProcess? Process) _gpuConnection = (1, null);
    private bool _stopped;

    /// <summary>A process went down, works again, or is given up.</summary>
    public required Action<RecoveryNews> News { get; init; }

    /// <summary>Names of the processes that are down for now.</summary>
    public IReadOnlyList<string> Down =>
        [.. _tracks.Values.Where(track => track.IsDown && !track.Policy.HasGivenUp).Select(track => track.Role.Name())];

    public static bool CanReplace(ProcessRole role) => role is ProcessRole.Gpu or ProcessRole.Display;

    /// <summary>The machine ends: nothing is started any more.</summary>
    public void Stop()
    {
        _stopped = true;
        foreach (Replacement replacement in _replacements.Values)
        {
            replacement.Dispose();
        }
    }

    /// <summary>Ends a process in order to start it again, because somebody asked for it.</summary>
    /// <returns>Null, or one line that says why that cannot be done now.</returns>
    public string? Replace(ProcessRole role)
    {
        if (crew.FindWorking(role) is not { } process || _stopped)
        {
            return crew.Find(role) is null ? $"the machine has no {role.Name()}" : $"{role.Name()} is not running now";
        }

        process.IsReplacedOnRequest = true;
        Kill(process, "ended as asked");
        return null;
    }

    /// <summary>Ends a process that does not work any more; a new one follows.</summary>
    /// <param name="reason">After its name.</param>
    public static void Kill(SupervisedProcess process, string reason)
    {
        process.ReplacedBecause ??= reason;
        process.Child?.KillGroup();
    }

    /// <summary>A process that can be replaced has ended.</summary>
    public void OnExited(SupervisedProcess process, ExitStatus exit)
    {
        if (_replacements.Remove(process.Role, out Replacement? failed))
        {
            failed.Dispose();
        }

        string cause = process.ReplacedBecause is { } reason
            ? process.IsReplacedOnRequest ? reason : $"{reason} and was killed"
            : exit.IsSignal ? $"died (signal {exit.Signal})" : $"died (status {exit.Code})";
        OnEnded(process.Role, cause, process.IsReplacedOnRequest);
    }

    /// <summary>A process has reported that it is ready.</summary>
    public void OnReady(SupervisedProcess process)
    {
        bool isReplacement = _replacements.TryGetValue(process.Role, out Replacement? replacement) && replacement.Process == process;
        if (process.Role == ProcessRole.Gpu)
        {
            _gpuConnection = (isReplacement ? _gpuConnection.Number + 1 : _gpuConnection.Number, process);
        }

        if (isReplacement)
        {
            if (replacement!.Plug(crew.FindWorking) is { } deaf && CanReplace(deaf.Role))
            {
                Kill(deaf, "does not take its new wire");
            }

            // What the guest sees of the GPU goes on when vmm-core says so.
            if (process.Role != ProcessRole.Gpu)
            {
                OnWorking(process.Role);
            }
        }
    }

    /// <summary>vmm-core has lost the back end of a device, or goes on with a new one.</summary>
    public void OnBackEnd(BackEndEvent change)
    {
        (uint number, SupervisedProcess? gpu) = _gpuConnection;
        if (change.Connection != number || gpu is null)
        {
            // About one before.
            return;
        }

        if (change.Serving)
        {
            // It may have died since: its successor, which vmm-core does not know yet, is not meant.
            if (crew.FindWorking(ProcessRole.Gpu) == gpu)
            {
                OnWorking(ProcessRole.Gpu);
            }

            return;
        }

        string reason = OneLine.Clean(change.Detail);
        agenda.After(EndLimit, () =>
        {
            // Otherwise it has ended, as one expects.
            if (gpu.Lifecycle.IsAlive && !_stopped)
            {
                Kill(gpu, $"was cut off by vmm-core ({reason})");
            }
        });
    }

    private void OnEnded(ProcessRole role, string cause, bool isPlanned)
    {
        RecoveryTrack track = _tracks[role];
        RestartDecision decision = track.OnEnded(clock(), cause, isPlanned);
        News(track.News(decision.Restarts ? RecoveryStep.Down : RecoveryStep.GivenUp));
        if (decision.Delay > TimeSpan.Zero)
        {
            agenda.After(decision.Delay, () => Start(role));
        }
        else if (decision.Restarts)
        {
            Start(role);
        }
    }

    private void Start(ProcessRole role)
    {
        if (_stopped)
        {
            return;
        }

        WireSet? wires = null;
        try
        {
            wires = WireSet.CreateFor(role, options, journal);
            // Those that belong to it come first.
            SupervisedProcess process = wires.Roles.Select(started => crew.Start(started, wires)).Last();
            wires.CloseInherited();
            _replacements[role] = new Replacement(process, wires);
            agenda.After(StartLimit, () => OnStartLimit(process));
        }
        catch (IOException error)
        {
            wires?.Dispose();
            OnEnded(role, $"cannot be started: {error.Message}", isPlanned: false);
        }
    }

    private void OnStartLimit(SupervisedProcess process)
    {
        if (process.Lifecycle.State is ProcessState.Starting or ProcessState.Attached && !_stopped)
        {
            Kill(process, FormattableString.Invariant($"did not get ready within {StartLimit.TotalSeconds:0} s"));
        }
    }

    private void OnWorking(ProcessRole role)
    {
        if (_replacements.Remove(role, out Replacement? replacement))
        {
            replacement.Dispose();
        }

        if (_tracks[role].OnWorking(clock()) is { } news)
        {
            News(news);
        }
    }
}
