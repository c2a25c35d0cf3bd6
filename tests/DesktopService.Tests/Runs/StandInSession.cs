using System.Text.Json;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.DesktopService.Tests.Runs;

/// <summary>
/// A session of a user of its own: definitions, running machines and logs in a folder that goes with it, stand-ins for
/// the processes. Machines that a test leaves are ended.
/// </summary>
internal sealed class StandInSession : IDisposable
{
    private const string Definition = """
        kernel = "kernel"
        sandbox = false
        grace = 20
        display.backend = "headless"

        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("splitvmm-session-").FullName;

    /// <param name="script">See the stand-ins' Script; of every machine.</param>
    public StandInSession(string script = "")
    {
        _ = Directory.CreateDirectory(Definitions);
        File.WriteAllText(Path.Combine(Definitions, "kernel"), "");
        Variables = StandInPrograms.Write(_folder);
        Variables["STANDIN"] = script;
        Variables["XDG_RUNTIME_DIR"] = _folder;
        Variables["XDG_CONFIG_HOME"] = Path.Combine(_folder, "config");
        Variables["XDG_STATE_HOME"] = Path.Combine(_folder, "state");
        Variables["XDG_DATA_HOME"] = Path.Combine(_folder, "data");
    }

    public Dictionary<string, string> Variables { get; }

    public string Folder => _folder;

    public string Definitions => Path.Combine(_folder, "config", "splitvmm", "machines");

    /// <summary>Folders and sockets of machines that run.</summary>
    public string Running => Path.Combine(_folder, "splitvmm");

    public void Define(string name, string further = "") => File.WriteAllText(Path.Combine(Definitions, name + ".toml"), Definition + further);

    public RunResult Ask(params string[] arguments) =>
        ChildProgram.Run(StandInPrograms.SplitVmm, arguments, StandInRun.Limit, Variables);

    public JsonElement Status(string name)
    {
        RunResult result = Ask("status", name, "--json");
        Assert.True(result.ExitStatus == 0, result.StandardOutput + result.StandardError);
        return JsonDocument.Parse(result.StandardOutput).RootElement;
    }

    public string? State(string name) => Status(name).GetProperty("state").GetString();

    public int Pid(string name, string process) => Status(name).GetProperty("processes").EnumerateArray()
        .Single(item => item.GetProperty("name").GetString() == process).GetProperty("pid").GetInt32();

    public string LogOf(string name) => File.ReadAllText(Path.Combine(_folder, "state", "splitvmm", name + ".log"));

    public void Dispose()
    {
        if (Directory.Exists(Running))
        {
            foreach (string machine in Directory.GetDirectories(Running))
            {
                _ = Ask("stop", Path.GetFileName(machine), "--force");
            }
        }

        // A machine that came to its end by itself may still be about to leave.
        Assert.True(SpinWait.SpinUntil(() => !Directory.Exists(Running), StandInRun.Limit), "a machine is left");
        Directory.Delete(_folder, recursive: true);
    }
}
