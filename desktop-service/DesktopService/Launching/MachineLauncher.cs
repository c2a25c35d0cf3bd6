using System.Collections;
using SplitVmm.DesktopService.Definitions;
using SplitVmm.DesktopService.Spawning;
using SplitVmm.Platform.Descriptors;

namespace SplitVmm.DesktopService.Launching;

/// <summary>
/// Starts machines that live on their own: not with the terminal, and not with the D-Bus service. Where the session has
/// a systemd, a machine is a unit of it, with none of the restrictions of the service's own unit; elsewhere it is the
/// leader of a session.
/// </summary>
internal static class MachineLauncher
{
    private const string Tool = "systemd-run";

    /// <summary>What systemd sets for one unit, which is no other's.</summary>
    private static readonly HashSet<string> s_ofTheUnit =
    [
        "INVOCATION_ID", "JOURNAL_STREAM", "LISTEN_FDS", "LISTEN_FDNAMES", "LISTEN_PID", "MANAGERPID", "MANAGERPIDFDID", "NOTIFY_SOCKET", "SYSTEMD_EXEC_PID",
        "DBUS_STARTER_ADDRESS", "DBUS_STARTER_BUS_TYPE", "MEMORY_PRESSURE_WATCH", "MEMORY_PRESSURE_WRITE",
    ];

    /// <exception cref="IOException">It cannot be started. One line.</exception>
    public static Launch Start(MachineDefinition definition)
    {
        StateFolder.Make();
        string log = StateFolder.LogOf(definition.Name);
        string program = Environment.ProcessPath ?? throw new IOException("the program's own path is not known");
        List<string> command = [program, "run", definition.Name];
        if (definition.Settings.Serial is null or { IsStdio: true })
        {
            // There is no terminal.
            command.AddRange(["--serial", "none"]);
        }

        string? tool = FindSystemd();
        List<string> all = tool is null ? command : [tool, .. UnitOptions(definition, log), "--", .. command];
        using Descriptor nothing = OpenFile.Null();
        using Descriptor output = OpenFile.ForWriting(log);
        ChildProcess child = PosixSpawn.Start(new SpawnRequest(all[0], all[1..], [nothing, output, output]) { InNewSession = true });
        return new Launch(definition.Name, child, isWatcher: tool is not null);
    }

    // systemd(1): the private socket of a user's manager, which systemd-run uses.
    private static string? FindSystemd() =>
        Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR") is { Length: > 0 } folder && Path.Exists(Path.Combine(folder, "systemd", "private"))
            ? (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(entry => Path.Combine(entry, Tool)).FirstOrDefault(File.Exists)
            : null;

    private static IEnumerable<string> UnitOptions(MachineDefinition definition, string log)
    {
        yield return "--user";
        yield return "--quiet";
        yield return "--collect";
        yield return "--wait";
        yield return "--service-type=exec";
        yield return $"--unit=splitvmm-machine-{definition.Name}";
        yield return $"--description=SplitVmm machine {definition.Title.Replace('%', ' ')}";
        // A stop of the unit lets splitvmm end the guest in good order.
        yield return "--property=KillMode=mixed";
        yield return $"--property=StandardOutput=append:{log}";
        yield return $"--property=StandardError=append:{log}";
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            if (!s_ofTheUnit.Contains((string)variable.Key))
            {
                yield return $"--setenv={variable.Key}";
            }
        }
    }
}
