using SplitVmm.DesktopService.Spawning;

namespace SplitVmm.DesktopService.Supervision;

/// <summary>
/// The state machine of one process. It knows no descriptors and no time, so that every path through it can be
/// tested. An event that does not fit the state is a late one and changes nothing.
/// </summary>
internal sealed class ProcessLifecycle
{
    public ProcessState State { get; private set; }

    /// <summary>How the process ended; null before.</summary>
    public ExitStatus? Exit { get; private set; }

    /// <summary>The state in which it ended without having been asked to; null if it lives, or was asked.</summary>
    public ProcessState? DiedIn { get; private set; }

    /// <summary>There is a process to end and to wait for.</summary>
    public bool IsAlive => State is not (ProcessState.NotStarted or ProcessState.Ended);

    /// <returns>True if the state changed; the same for the events below.</returns>
    public bool OnSpawned() => Move(from: ProcessState.NotStarted, to: ProcessState.Starting);

    /// <summary>The hello was welcomed.</summary>
    public bool OnAttached() => Move(from: ProcessState.Starting, to: ProcessState.Attached);

    /// <summary>It reported that it is set up.</summary>
    public bool OnReady() => Move(from: ProcessState.Attached, to: ProcessState.Ready);

    /// <summary>It was asked, or is being made, to end.</summary>
    public bool OnEndRequested()
    {
        bool changes = IsAlive && State != ProcessState.Ending;
        State = changes ? ProcessState.Ending : State;
        return changes;
    }

    public bool OnExited(ExitStatus exit)
    {
        if (!IsAlive)
        {
            return false;
        }

        DiedIn = State == ProcessState.Ending ? null : State;
        Exit = exit;
        State = ProcessState.Ended;
        return true;
    }

    private bool Move(ProcessState from, ProcessState to)
    {
        bool fits = State == from;
        State = fits ? to : State;
        return fits;
    }
}
