using SplitVmm.Control.Messages;

namespace SplitVmm.Control.Client;

/// <summary>Who a process is to the supervisor, and what it does with what it hears.</summary>
public sealed class ControlClientOptions<TCommand>
    where TCommand : class, ICommand
{
    /// <summary>Executable name, for example <c>vmm-core</c>.</summary>
    public required string Process { get; init; }

    public IReadOnlyList<string> Capabilities { get; init; } = [];

    /// <summary>
    /// Runs an action on the process's own loop, soon; <c>EventLoop.Post</c> is one. Called on pool threads.
    /// Everything below, and the answer to a ping, goes through it: a loop that stands still answers no ping.
    /// </summary>
    public required Action<Action> Post { get; init; }

    /// <summary>A command of the process's own privilege, on its loop.</summary>
    public required Action<TCommand> OnCommand { get; init; }

    /// <summary>The process has to end, on its loop. Called at most once.</summary>
    public required Action<EndReason> OnEnd { get; init; }

    /// <summary>How long attaching waits for the supervisor's welcome.</summary>
    public TimeSpan WelcomeTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// After <see cref="EndReason.SupervisorLost"/> the process has this long before it is ended where it stands,
    /// so that a renderer that hangs leaves no orphan. Null: never.
    /// </summary>
    public TimeSpan? LostDeadline { get; init; } = TimeSpan.FromSeconds(1.5);

    /// <summary>
    /// Also asks the kernel to kill this process with its parent (<c>PR_SET_PDEATHSIG</c>). Off for clients inside
    /// test programs. The supervisor starts its children from a thread that lives as long as itself.
    /// </summary>
    public bool DieWithParent { get; init; } = true;
}
