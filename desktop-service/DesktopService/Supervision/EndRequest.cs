using SplitVmm.DesktopService.Spawning;

namespace SplitVmm.DesktopService.Supervision;

/// <summary>Somebody wants the virtual machine to end before the guest does by itself.</summary>
/// <param name="Reason">Follows "because", for example <c>of Ctrl-C</c>.</param>
/// <param name="OrderlyStatus">Exit status if the guest powers off when asked to.</param>
/// <param name="ForcedStatus">Exit status if it has to be ended by force.</param>
internal sealed record EndRequest(string Reason, int OrderlyStatus, int ForcedStatus)
{
    /// <summary>Further lines of the report.</summary>
    public IReadOnlyList<string> Details { get; init; } = [];

    public static EndRequest WindowClosed { get; } = new("the window was closed", ExitStatus.AsAsked, ExitStatus.AsAsked);

    /// <summary>By the machine's owner, at the control socket.</summary>
    public static EndRequest Asked { get; } = new("of splitvmm stop", ExitStatus.AsAsked, ExitStatus.AsAsked);

    public static EndRequest ConsoleEscape { get; } = new("of Ctrl-A x", ExitStatus.AsAsked, 128 + Interop.Libc.SIGINT);

    /// <summary>The shell's convention: 128 and the number of the signal.</summary>
    public static EndRequest FromSignal(int signal, string name) => new($"of {name}", ExitStatus.AsAsked, 128 + signal);

    public static EndRequest TimedOut(TimeSpan timeout) => new(
        $"{timeout.TotalSeconds:0.#} s (--timeout) have passed", ExitStatus.Failed, ExitStatus.Failed);

    /// <summary>A process that the machine cannot do without is not restarted any more.</summary>
    public static EndRequest ProcessLost(string what, IReadOnlyList<string> details) =>
        new(what, ExitStatus.Failed, ExitStatus.Failed) { Details = details };
}
