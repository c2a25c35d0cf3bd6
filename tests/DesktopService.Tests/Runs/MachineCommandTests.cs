using System.Text.Json;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.DesktopService.Tests.Runs;

/// <summary><c>splitvmm list</c>, <c>status</c>, <c>restart-gpu</c>, <c>stop</c>: a machine asked by another splitvmm.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class MachineCommandTests : IDisposable
{
    private readonly string _session = Directory.CreateTempSubdirectory("splitvmm-session-").FullName;

    private string Machines => Path.Combine(_session, "splitvmm");

    [Fact]
    public void Machine_WhileItRuns_IsListedAndDescribed()
    {
        using StandInRun run = Start("one");
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute,
            File.GetUnixFileMode(Path.Combine(Machines, "one")));

        Assert.StartsWith("one  running  ", Ask("list").StandardOutput, StringComparison.Ordinal);
        Assert.StartsWith("one: running for ", Ask("status").StandardOutput, StringComparison.Ordinal);
        JsonElement status = JsonDocument.Parse(Ask("status", "one", "--json").StandardOutput).RootElement;
        Assert.Equal("one", status.GetProperty("name").GetString());
        Assert.Equal("running", status.GetProperty("state").GetString());
        Assert.Equal(
            ["display-process", "gpu-process", "vmm-core"],
            status.GetProperty("processes").EnumerateArray().Select(process => process.GetProperty("name").GetString()));
        Assert.Equal(
            run.Pid("gpu-process"), status.GetProperty("processes")[1].GetProperty("pid").GetInt32());
        JsonElement list = JsonDocument.Parse(Ask("list", "--json").StandardOutput).RootElement;
        Assert.Equal("one", Assert.Single(list.EnumerateArray()).GetProperty("name").GetString());

        Assert.Equal(0, run.PowerOff().ExitStatus);
        Assert.False(Directory.Exists(Machines));
        Assert.Equal("no machine runs\n", Ask("list").StandardOutput);
    }

    [Fact]
    public void Status_OfAMachineWhoseWindowWasRepaired_SaysHowOften()
    {
        using var run = new StandInRun("vmm-core@running=repair", Environment(), "--name", "one");
        run.WaitForGuest();
        Assert.True(run.Program.WaitForError("(40 so far)", StandInRun.Limit), run.Program.StandardError);

        Assert.Contains("window    emptied 40 times because memory of the GPU was gone\n", Ask("status").StandardOutput, StringComparison.Ordinal);
        Assert.Equal(40, JsonDocument.Parse(Ask("status", "--json").StandardOutput).RootElement.GetProperty("windowRepairs").GetInt32());
        Assert.Contains(
            "splitvmm: memory that the GPU had mapped for the guest was gone: all of it was taken away, the guest goes on (1 so far)\n",
            run.Program.StandardError,
            StringComparison.Ordinal);
        Assert.Equal(0, run.PowerOff().ExitStatus);
    }

    [Fact]
    public void RestartGpu_ReplacesTheProcessAndCountsNoCrash()
    {
        using StandInRun run = Start("one", "--crash-quota", "0/60");
        int? before = run.Pid("gpu-process");

        RunResult result = Ask("restart-gpu", "one");

        Assert.Equal(0, result.ExitStatus);
        Assert.Matches("^gpu-process ended as asked, restarted in [0-9]+ ms\n$", result.StandardOutput);
        Assert.NotEqual(before, run.Pid("gpu-process"));
        Assert.Equal(0, Ask("restart-gpu").ExitStatus);
        Assert.Equal(3, run.Starts("gpu-process"));
        Assert.Equal(0, run.PowerOff().ExitStatus);
    }

    [Fact]
    public void RestartGpu_OfAMachineWithoutOne_SaysSo()
    {
        using var run = new StandInRun("", Environment(), "--name", "two", "--gpu", "none", "--display", "none");
        run.WaitForGuest();
        RunResult result = Ask("restart-gpu");
        Assert.Equal(1, result.ExitStatus);
        Assert.Equal("splitvmm: the machine has no gpu-process\n", result.StandardError);
    }

    [Fact]
    public void Stop_AsksTheGuestAndWaits()
    {
        using StandInRun run = Start("one");
        RunResult result = Ask("stop", "one");
        Assert.Equal(0, result.ExitStatus);
        Assert.EndsWith("the guest powered off, asked to because of splitvmm stop\n", result.StandardOutput, StringComparison.Ordinal);
        Assert.Equal(0, run.WaitForExit().ExitStatus);
        Assert.Empty(run.Alive());
    }

    [Fact]
    public void Stop_Force_DoesNotWaitForTheGuest()
    {
        using var run = new StandInRun("vmm-core@power=ignore", Environment(), "--name", "one", "--grace", "1000");
        run.WaitForGuest();
        Assert.Equal(0, Ask("stop", "--force").ExitStatus);
        Assert.Equal(0, run.WaitForExit().ExitStatus);
        Assert.Empty(run.Alive());
    }

    [Fact]
    public void Name_Taken_IsRefusedAndNamesMadeUpAreNot()
    {
        using StandInRun run = Start("one");
        RunResult second = ChildProgram.Run(
            StandInRun.SplitVmmProgram, ["run", "--kernel", "kernel", "--name", "one"], StandInRun.Limit, Environment());
        Assert.Equal(1, second.ExitStatus);
        Assert.Equal("splitvmm: a machine named one runs already; choose another name with --name\n", second.StandardError);

        using var third = new StandInRun("", Environment());
        using var fourth = new StandInRun("", Environment());
        third.WaitForGuest();
        fourth.WaitForGuest();
        string[] names = [.. JsonDocument.Parse(Ask("list", "--json").StandardOutput).RootElement.EnumerateArray().Select(machine => machine.GetProperty("name").GetString()!)];
        Assert.Equal(["kernel", "kernel-2", "one"], names);
        RunResult unclear = Ask("status");
        Assert.Equal(1, unclear.ExitStatus);
        Assert.Equal("splitvmm: several machines run: name one of kernel, kernel-2, one\n", unclear.StandardError);
    }

    [Fact]
    public void Socket_LeftByAKilledSplitvmm_IsNoMachineAndIsReplaced()
    {
        using (StandInRun killed = Start("one"))
        {
            killed.Signal(9);
            Assert.True(killed.WaitUntilNoneAlive(TimeSpan.FromSeconds(10)));
        }

        Assert.True(File.Exists(Path.Combine(Machines, "one", "control")));
        Assert.Equal("no machine runs\n", Ask("list").StandardOutput);
        Assert.Equal("splitvmm: no machine named one runs; splitvmm list shows those that do\n", Ask("status", "one").StandardError);
        using StandInRun run = Start("one");
        Assert.Equal(0, Ask("stop").ExitStatus);
        _ = run.WaitForExit();
        Assert.False(Directory.Exists(Machines));
    }

    [Theory]
    [InlineData("vmm-core@spawned=signal:9")]
    [InlineData("gpu-process@attached=signal:9")]
    [InlineData("display-process@ready=signal:9")]
    [InlineData("vmm-core@running=signal:9")]
    [InlineData("vmm-core@power=signal:9")]
    [InlineData("gpu-process@quit=signal:9")]
    public void Socket_HoweverTheMachineEnds_IsGone(string script)
    {
        using var run = new StandInRun(script, Environment(), "--name", "one", "--timeout", "0.3", "--grace", "0.3");
        _ = run.WaitForExit();
        Assert.Empty(run.Alive());
        Assert.False(Directory.Exists(Machines));
    }

    [Theory]
    [InlineData("..")]
    [InlineData("a/b")]
    [InlineData("-x")]
    public void Name_Wrong_IsExplained(string name)
    {
        RunResult result = ChildProgram.Run(
            StandInRun.SplitVmmProgram, ["run", "--kernel", "kernel", $"--name={name}"], StandInRun.Limit, Environment());
        Assert.Equal(2, result.ExitStatus);
        Assert.Contains("machine name", result.StandardError, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_session, recursive: true);

    private StandInRun Start(string name, params string[] arguments)
    {
        var run = new StandInRun("", Environment(), ["--name", name, .. arguments]);
        run.WaitForGuest();
        return run;
    }

    private Dictionary<string, string> Environment() => new() { ["XDG_RUNTIME_DIR"] = _session };

    private RunResult Ask(params string[] arguments) =>
        ChildProgram.Run(StandInRun.SplitVmmProgram, arguments, StandInRun.Limit, Environment());
}
