using System.Globalization;
using System.Runtime.InteropServices;

namespace SplitVmm.StandIn;

/// <summary>
/// What a stand-in does wrong: <c>PROCESS[.INSTANCE]@STEP=ACTION[:NUMBER][;…]</c>, where the first process of a role is
/// instance 1 (variable STANDIN_INSTANCE) and without a number all are meant. Steps: spawned, attached, ready, running,
/// power, plugged, quit, term; of venus-server spawned, attached, running (gpu-process is), quit, term. Actions: exit:STATUS, signal:NUMBER, hang (its loop stands still), pause:MILLISECONDS, ignore, lost (ends with a
/// status that says that a peer went away), close (display: the window is closed), repair (core: the window was emptied), stalled (gpu: it reports a fence that does not come).
/// </summary>
internal sealed partial class Script
{
    private readonly Dictionary<string, (string Action, int Number)> _steps = [];

    public static Script Parse(string text, string process)
    {
        var script = new Script();
        string instance = $"{process}.{Environment.GetEnvironmentVariable("STANDIN_INSTANCE") ?? "1"}";
        foreach (string entry in text.Split(';', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] parts = entry.Split('@', '=', ':');
            if (parts[0] == process || parts[0] == instance)
            {
                script._steps[parts[1]] = (parts[2], parts.Length > 3 ? int.Parse(parts[3], CultureInfo.InvariantCulture) : 0);
            }
        }

        return script;
    }

    /// <summary>Does what the script says for a step.</summary>
    /// <returns>The action that the caller has to act on: ignore, close, repair and the like; null: go on.</returns>
    public string? Reach(string step)
    {
        if (!_steps.TryGetValue(step, out (string Action, int Number) found))
        {
            return null;
        }

        switch (found.Action)
        {
            case "exit":
                Console.Error.WriteLine($"the script says: end at {step}");
                Environment.Exit(found.Number);
                return null;
            case "signal":
                Console.Error.WriteLine($"the script says: die at {step}");
                // The runtime has handlers of its own, which take some signals that were only sent.
                _ = signal(found.Number, 0);
                _ = kill(Environment.ProcessId, found.Number);
                Thread.Sleep(Timeout.Infinite);
                return null;
            case "pause":
                Thread.Sleep(found.Number);
                return null;
            case "hang":
                Thread.Sleep(Timeout.Infinite);
                return null;
            default:
                return found.Action;
        }
    }

    [LibraryImport("libc")]
    private static partial nint signal(int signal, nint action);

    [LibraryImport("libc")]
    private static partial int kill(int pid, int signal);
}
