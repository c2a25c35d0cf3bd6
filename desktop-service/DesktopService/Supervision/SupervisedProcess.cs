using SplitVmm.Control.Protocol;
using SplitVmm.ControlServer.Sessions;
using SplitVmm.DesktopService.Spawning;
using SplitVmm.Platform.Events;
using SplitVmm.Wires.Plug;

namespace SplitVmm.DesktopService.Supervision;

/// <summary>One process of a virtual machine with all that the supervisor holds of it.</summary>
internal sealed class SupervisedProcess(ProcessRole role) : IDisposable
{
    public ProcessRole Role { get; } = role;

    public string Name => Role.Name();

    public ProcessLifecycle Lifecycle { get; } = new();

    /// <summary>Null before it was started.</summary>
    public ChildProcess? Child { get; set; }

    public IControlSession? Session { get; set; }

    /// <summary>What it has given up: by its own report, or as this program made its cage.</summary>
    public SandboxReport? Sandbox => Session?.Sandbox ?? ImposedSandbox;

    /// <summary>For a program that cannot report; null: it can, or there is no cage.</summary>
    public SandboxReport? ImposedSandbox { get; set; }

    public LineTail? Errors { get; set; }

    /// <summary>Of <see cref="Errors"/>, and of the end of <see cref="Child"/>: on the supervisor's loop.</summary>
    public Watch? OutputWatch { get; set; }

    public Watch? ExitWatch { get; set; }

    /// <summary>By which it gets new ends of its wires.</summary>
    public PlugWireSource? Plugs { get; set; }

    /// <summary>Why this program kills it to start another, after its name; null: it does not.</summary>
    public string? ReplacedBecause { get; set; }

    /// <summary>The replacement was asked for: the end of this process is no crash.</summary>
    public bool IsReplacedOnRequest { get; set; }

    /// <summary>False while a ping of its event loop is unanswered.</summary>
    public bool IsHealthy { get; set; } = true;

    /// <summary>Ends it at once, as no accident.</summary>
    public void End()
    {
        _ = Lifecycle.OnEndRequested();
        Child?.KillGroup();
    }

    public void Dispose()
    {
        // It may be replaced before the loop has seen its end.
        OutputWatch?.Dispose();
        ExitWatch?.Dispose();
        Child?.Dispose();
        Errors?.Dispose();
        Session?.Close();
        // Whoever still remembers this process, for a limit that has not passed, must not keep its connection too.
        Session = null;
        Plugs?.Dispose();
    }
}
