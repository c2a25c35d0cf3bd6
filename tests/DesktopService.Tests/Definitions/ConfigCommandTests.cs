using System.Text.Json;
using SplitVmm.DesktopService.Tests.Runs;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.DesktopService.Tests.Definitions;

/// <summary><c>splitvmm config</c>, and <c>splitvmm run NAME</c>.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class ConfigCommandTests : IDisposable
{
    private const string Right = "kernel = \"kernel\"\nsandbox = false\ndisplay.backend = \"headless\"\n";

    private readonly string _home = Directory.CreateTempSubdirectory("splitvmm-config-").FullName;

    public ConfigCommandTests()
    {
        _ = Directory.CreateDirectory(Machines);
        File.WriteAllText(Path.Combine(Machines, "kernel"), "");
    }

    private string Machines => Path.Combine(_home, "splitvmm", "machines");

    [Fact]
    public void Check_NamesFilesAndAll()
    {
        Write("good", Right);
        Write("bad", "kernel = \"kernel\"\ncpus = 0\nmemry = 1\n");
        string bad = Path.Combine(Machines, "bad.toml");

        RunResult good = Ask("config", "check", "good");
        Assert.Equal((0, $"{Machines}/good.toml: no mistakes\n"), (good.ExitStatus, good.StandardOutput));
        string expected = $"{bad}:2: cpus takes a whole number from 1 to 255, not 0\n{bad}:3: unknown key memry; did you mean memory?\n";
        RunResult byFile = Ask("config", "check", bad);
        Assert.Equal((1, expected), (byFile.ExitStatus, byFile.StandardOutput));
        RunResult all = Ask("config", "check");
        Assert.Equal((1, $"{expected}{Machines}/good.toml: no mistakes\n"), (all.ExitStatus, all.StandardOutput));

        JsonElement json = JsonDocument.Parse(Ask("config", "check", "bad", "--json").StandardOutput).RootElement[0];
        Assert.Equal(bad, json.GetProperty("file").GetString());
        Assert.Equal([2, 3], json.GetProperty("mistakes").EnumerateArray().Select(mistake => mistake.GetProperty("line").GetInt32()));
    }

    [Theory]
    [InlineData("no UTF-8", "is not UTF-8 text")]
    [InlineData("too long", "is larger than 1 MiB: no definition")]
    [InlineData("missing", "cannot be read: Could not find file ")]
    public void Check_WhatIsNoDefinition_IsTold(string what, string expected)
    {
        string path = Path.Combine(Machines, "x.toml");
        if (what != "missing")
        {
            File.WriteAllBytes(path, what == "no UTF-8" ? [(byte)'a', 0xFF] : new byte[(1 << 20) + 1]);
        }

        RunResult result = Ask("config", "check", "x");
        Assert.Equal(1, result.ExitStatus);
        Assert.StartsWith($"{path}: {expected}", result.StandardOutput, StringComparison.Ordinal);
    }

    [Fact]
    public void Put_StoresWhatIsRightAndNothingElse()
    {
        string source = Path.Combine(_home, "new.toml");
        File.WriteAllText(source, Right);
        Assert.Equal($"stored {Machines}/vm.toml\n", Ask("config", "put", "vm", source).StandardOutput);
        Assert.Equal(Right, File.ReadAllText(Path.Combine(Machines, "vm.toml")));
        Assert.Equal("vm\n", Ask("config", "list").StandardOutput);

        RunResult second = Ask("config", "put", "vm", source);
        Assert.Equal((1, "splitvmm: there is a definition vm; --replace replaces it\n"), (second.ExitStatus, second.StandardError));
        File.WriteAllText(source, "cpus = 2\n");
        RunResult wrong = Ask("config", "put", "vm", source, "--replace", "--json");
        Assert.Equal(1, wrong.ExitStatus);
        JsonElement answer = JsonDocument.Parse(wrong.StandardOutput).RootElement;
        Assert.False(answer.GetProperty("ok").GetBoolean());
        Assert.Equal($"{source}: no kernel; add a line kernel = \"PATH\" before the first table", answer.GetProperty("error").GetString());
        Assert.Equal(Right, File.ReadAllText(Path.Combine(Machines, "vm.toml")));
        File.WriteAllText(source, Right + "cpus = 2\n");
        Assert.Equal(0, Ask("config", "put", "vm", source, "--replace").ExitStatus);
        Assert.EndsWith("cpus = 2\n", File.ReadAllText(Path.Combine(Machines, "vm.toml")), StringComparison.Ordinal);
        Assert.Equal(["kernel", "vm.toml"], Directory.GetFiles(Machines).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void Put_OnAFullDisk_LeavesTheOldStateAndNothingElse()
    {
        string unshare = Needs.Program("unshare", "util-linux");
        const string Script = """
            mount -t tmpfs -o size=64k none "$1" || exit 77
            mkdir -p "$1/splitvmm/machines" && cd "$1/splitvmm/machines" || exit 77
            printf '' >kernel; printf '%s' "$3" >vm.toml
            dd if=/dev/zero of="$1/filler" bs=4k 2>"$1/filler.log"
            { printf '%s' "$3"; printf '# %08000d\n' 1; } >/dev/shm/put.$$
            "$2" config put vm /dev/shm/put.$$ --replace; echo "status $?"
            rm /dev/shm/put.$$; ls -A; cat vm.toml
            """;
        RunResult result = ChildProgram.Run(
            unshare, ["--user", "--map-root-user", "--mount", "sh", "-c", Script, "sh", _home, StandInRun.SplitVmmProgram, Right], StandInRun.Limit, Environment());
        Assert.SkipWhen(
            result.ExitStatus == 77 || result.StandardError.StartsWith("unshare:", StringComparison.Ordinal), "this host lends no namespace with a tmpfs of one's own");

        Assert.Equal("status 1\nkernel\nvm.toml\n" + Right, result.StandardOutput);
        Assert.Contains("vm.toml cannot be written, and is as it was: No space left on device", result.StandardError, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_Definition_StartsTheMachineOfThatName()
    {
        Write("desk", Right + "[recovery]\ncrashes = 2\n");
        using var run = StandInRun.OfDefinition("desk", Environment(), "--cpus", "3");
        run.WaitForGuest();
        string arguments = File.ReadAllText(run.Path("vmm-core.arguments"));
        Assert.Contains($"--kernel\n{Machines}/kernel\n", arguments, StringComparison.Ordinal);
        Assert.Contains("--cpus\n3\n", arguments, StringComparison.Ordinal);
        Assert.StartsWith("desk  running", Ask("list").StandardOutput, StringComparison.Ordinal);
        Assert.Equal(0, run.PowerOff().ExitStatus);
    }

    [Theory]
    [InlineData("des", "no machine definition des; did you mean desk?")]
    [InlineData("wrong", "PATH/wrong.toml:1: unknown key kernle; did you mean kernel? (and 1 more: splitvmm config check wrong)")]
    public void Run_DefinitionThatIsNotRight_SaysWhy(string name, string expected)
    {
        Write("desk", Right);
        Write("wrong", "kernle = \"kernel\"\ncpus = 0\n");
        RunResult result = Ask("run", name);
        Assert.Equal(2, result.ExitStatus);
        Assert.StartsWith("splitvmm: " + expected.Replace("PATH", Machines, StringComparison.Ordinal), result.StandardError, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("config", "unknown command", "config", "chek")]
    [InlineData("config check", "unknown option '--jsn'; did you mean --json?", "config", "check", "--jsn")]
    [InlineData("status", "unknown option '--jsn'; did you mean --json?", "status", "--jsn")]
    public void Usage_Wrong_IsExplained(string help, string expected, params string[] arguments)
    {
        RunResult result = Ask(arguments);
        Assert.Equal(2, result.ExitStatus);
        Assert.StartsWith("splitvmm: " + expected, result.StandardError, StringComparison.Ordinal);
        Assert.EndsWith($"; see splitvmm {help} --help\n", result.StandardError, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_home, recursive: true);

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(Machines, name + ".toml"), text);

    private Dictionary<string, string> Environment() => new() { ["XDG_CONFIG_HOME"] = _home, ["XDG_RUNTIME_DIR"] = _home };

    private RunResult Ask(params string[] arguments) =>
        ChildProgram.Run(StandInRun.SplitVmmProgram, arguments, StandInRun.Limit, Environment());
}
