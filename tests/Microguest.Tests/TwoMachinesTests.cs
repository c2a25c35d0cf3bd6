using System.Text.Json;
using SplitVmm.Harness;
using SplitVmm.Microguest.Tests.Chaos;
using Xunit;

namespace SplitVmm.Microguest.Tests;

/// <summary>Two machines of the installed programs, in their cages, started and stopped together again and again.</summary>
[Trait("Tier", Tiers.Microguest)]
public sealed class TwoMachinesTests : IDisposable
{
    private const int Rounds = 50;

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);
    private static readonly string[] s_names = ["one", "two"];

    private readonly string _folder = Directory.CreateTempSubdirectory("splitvmm-two-").FullName;
    private readonly Dictionary<string, string> _variables;

    public TwoMachinesTests()
    {
        _variables = new Dictionary<string, string>
        {
            // No session bus: machines in the background are processes of their own.
            ["DBUS_SESSION_BUS_ADDRESS"] = "",
            ["XDG_RUNTIME_DIR"] = Make("run"),
            ["XDG_CONFIG_HOME"] = Make("config"),
            ["XDG_STATE_HOME"] = Make("state"),
            ["TMPDIR"] = Make("tmp"),
        };
        string definitions = Make("config/splitvmm/machines");
        foreach (string name in s_names)
        {
            File.WriteAllText(Path.Combine(definitions, name + ".toml"), $"""
                kernel = "{SourceTree.Path("out", "microguest", "microguest.elf")}"
                append = "test=chaos"
                memory = "128M"
                gpu.virgl = false
                display.backend = "headless"

                """);
        }
    }

    [Fact]
    public void TwoMachines_StartedAndStoppedAgainAndAgain_LeaveNothing()
    {
        Needs.Kvm();
        var pids = new List<int>();
        for (int round = 0; round < Rounds; round++)
        {
            Parallel.ForEach(s_names, name => Do("start", name));
            foreach (string name in s_names)
            {
                JsonElement status = JsonDocument.Parse(Do("status", name, "--json")).RootElement;
                Assert.Equal("running", status.GetProperty("state").GetString());
                pids.AddRange(status.GetProperty("processes").EnumerateArray().Select(process => process.GetProperty("pid").GetInt32()));
            }

            Parallel.ForEach(s_names, name => Do("stop", name, "--force"));
        }

        Assert.Equal(Rounds * s_names.Length * 3, pids.Distinct().Count());
        Assert.True(SpinWait.SpinUntil(() => !pids.Exists(ProcessFacts.IsAlive), s_limit), "left: " + string.Join(' ', pids.Where(ProcessFacts.IsAlive)));
        Assert.True(SpinWait.SpinUntil(() => Left("run") + Left("tmp") == "", s_limit), Left("run") + Left("tmp"));
    }

    public void Dispose()
    {
        foreach (string name in s_names)
        {
            // Those that a test which failed has left.
            _ = Ask("stop", name, "--force");
        }

        Directory.Delete(_folder, recursive: true);
    }

    private string Make(string name) => Directory.CreateDirectory(Path.Combine(_folder, name), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute).FullName;

    private string Left(string name) => string.Join('\n', Directory.EnumerateFileSystemEntries(Path.Combine(_folder, name), "*", SearchOption.AllDirectories));

    private RunResult Ask(params string[] arguments) => ChildProgram.Run(SourceTree.Executable("splitvmm"), arguments, s_limit, _variables);

    private string Do(params string[] arguments)
    {
        RunResult result = Ask(arguments);
        Assert.True(result.ExitStatus == 0, $"{string.Join(' ', arguments)}: {result.StandardOutput}{result.StandardError}");
        return result.StandardOutput;
    }
}
