using System.Globalization;
using SplitVmm.DesktopService.Spawning;
using SplitVmm.DesktopService.Text;

namespace SplitVmm.DesktopService.Supervision;

/// <summary>Finds which of several processes died of itself, and says so.</summary>
internal static class DeathReport
{
    /// <summary>
    /// One death takes the others along: they lose their wires. The culprit is who was killed, else who gave a
    /// reason of its own, else who went first. A process that ended well only followed another.
    /// </summary>
    /// <param name="died">Processes that ended without having been asked to, in the order in which that was seen.</param>
    public static SupervisedProcess FindCulprit(IReadOnlyList<SupervisedProcess> died) =>
        // MinBy keeps the first of equals.
        died.MinBy(process => process.Lifecycle.Exit switch
        {
            { IsSignal: true } => 0,
            _ when !IsFollower(process) => 1,
            _ => 2,
        })!;

    /// <summary>It may have ended only because another process did: it lost its wire, or saw no more work.</summary>
    public static bool IsFollower(SupervisedProcess process) =>
        process.Lifecycle.Exit is { IsSuccess: true }
        || (process.Role == ProcessRole.Venus && process.Lifecycle.Exit is { IsSignal: false, Code: VenusServer.ConnectionEnded });

    public static RunOutcome Describe(SupervisedProcess process, TimeSpan elapsed, bool guestHasRun)
    {
        ExitStatus exit = process.Lifecycle.Exit ?? default;
        string[] last = [.. process.Errors?.Last ?? []];
        string? reason = ReasonOf(process, last);
        // What another program's numbers mean, only that one knows.
        int status = process.Role.IsOurs() && exit is { IsSignal: false, Code: ExitStatus.WrongUsage or ExitStatus.HostCannot } ? exit.Code : ExitStatus.Failed;
        if (!guestHasRun && reason is not null && !exit.IsSignal && !exit.IsSuccess)
        {
            return new RunOutcome(status, $"{process.Name}: {reason}");
        }

        string when = guestHasRun
            ? string.Create(CultureInfo.InvariantCulture, $"after {elapsed.TotalSeconds:0.0} s")
            : "while starting";
        string expectation = exit.IsSuccess ? " without having been asked to" : "";
        string pid = process.Child is { } child ? string.Create(CultureInfo.InvariantCulture, $" (pid {child.Pid})") : "";
        if (last.Length == 0 && reason is not null)
        {
            last = [reason];
        }

        return new RunOutcome(
            status, $"{process.Name}{pid} {exit}{expectation} {when}; the virtual machine was ended", Quote(process, last));
    }

    /// <summary>What a process that has ended printed last, for a report.</summary>
    public static IReadOnlyList<string> LastWords(SupervisedProcess process)
    {
        string[] last = [.. process.Errors?.Last ?? []];
        return Quote(process, last.Length == 0 && ReasonOf(process, last) is { } reason ? [reason] : last);
    }

    private static string[] Quote(SupervisedProcess process, string[] lines) =>
        lines.Length == 0 ? [] : [$"last lines of {process.Name}:", .. lines.Select(line => "  " + line)];

    // The control connection carries the reason exactly; a process that never got that far printed it.
    private static string? ReasonOf(SupervisedProcess process, string[] last)
    {
        string? text = process.Session?.Failure is { Length: > 0 } failure ? OneLine.Clean(failure) : last.LastOrDefault();
        string prefix = process.Name + ": ";
        return text is not null && text.StartsWith(prefix, StringComparison.Ordinal) ? text[prefix.Length..] : text;
    }
}
