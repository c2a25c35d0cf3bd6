using System.Text.Json;
using SplitVmm.DesktopService.Recording;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.DesktopService.Tests.Runs;

/// <summary><c>splitvmm start</c>, <c>open</c>, <c>pause</c>, <c>resume</c>: machines in the background.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class BackgroundTests
{
    [Fact]
    public void Start_RunsTheMachineInASessionOfItsOwn_AndStopEndsIt()
    {
        using var session = new StandInSession();
        session.Define("desk");
        RunResult started = session.Ask("start", "desk");
        Assert.Equal((0, "desk was started\n", ""), (started.ExitStatus, started.StandardOutput, started.StandardError));
        JsonElement status = session.Status("desk");
        Assert.Equal("running", status.GetProperty("state").GetString());
        Assert.Equal("3d", status.GetProperty("gpuMode").GetString());
        Assert.Equal("memfd", status.GetProperty("frameTransport").GetString());
        int pid = status.GetProperty("pid").GetInt32();
        Assert.Equal($"{pid}", SessionOf(pid));
        Assert.Contains("--serial\nnone\n", File.ReadAllText(Path.Combine(session.Folder, "vmm-core.arguments")), StringComparison.Ordinal);

        RunResult again = session.Ask("start", "desk");
        Assert.Equal((1, "splitvmm: desk runs already\n"), (again.ExitStatus, again.StandardError));
        Assert.Equal(0, session.Ask("stop", "desk").ExitStatus);
        Assert.False(Directory.Exists(session.Running));
        Assert.Contains("splitvmm: the guest powered off", session.LogOf("desk"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("vmm-core@spawned=exit:1", "splitvmm: desk did not start: ")]
    [InlineData("gpu-process@attached=signal:9", "splitvmm: desk did not start: gpu-process (pid ")]
    public void Start_ThatFails_SaysWhy(string script, string expected)
    {
        using var session = new StandInSession(script);
        session.Define("desk");
        RunResult result = session.Ask("start", "desk");
        Assert.Equal(1, result.ExitStatus);
        Assert.StartsWith(expected, result.StandardError, StringComparison.Ordinal);
        RunResult json = session.Ask("open", "desk", "--json");
        Assert.Equal(1, json.ExitStatus);
        Assert.StartsWith(expected[10..], JsonDocument.Parse(json.StandardOutput).RootElement.GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Start_OfNothing_SaysWhatThereIs()
    {
        using var session = new StandInSession();
        session.Define("desk");
        Assert.Equal("splitvmm: no machine definition dessk; did you mean desk?\n", session.Ask("start", "dessk").StandardError);
        Assert.Equal("splitvmm: no machine definition ../desk; known are desk\n", session.Ask("start", "../desk").StandardError);
        session.Define("desk", "cpus = 0\n");
        Assert.Equal(
            $"splitvmm: {session.Definitions}/desk.toml:5: cpus takes a whole number from 1 to 255, not 0\n", session.Ask("start", "desk").StandardError);
    }

    [Fact]
    public void Pause_StopsTheGuestUntilItIsResumed()
    {
        using var session = new StandInSession();
        session.Define("desk");
        Assert.Equal(0, session.Ask("start", "desk").ExitStatus);
        Assert.Equal("the guest was paused\n", session.Ask("pause").StandardOutput);
        Assert.Equal("paused", session.State("desk"));
        RunResult twice = session.Ask("pause", "--json");
        Assert.Equal(1, twice.ExitStatus);
        Assert.Equal("{\"ok\":false,\"error\":\"the guest cannot be paused: the machine is paused\"}\n", twice.StandardOutput);
        Assert.Equal("{\"ok\":true,\"text\":\"the guest was resumed\"}\n", session.Ask("resume", "--json").StandardOutput);
        Assert.Equal("running", session.State("desk"));
        Assert.Equal("splitvmm: the guest cannot be resumed: the machine is running\n", session.Ask("resume").StandardError);
    }

    [Fact]
    public void Stop_OfAPausedMachine_IsHeardByTheGuest()
    {
        using var session = new StandInSession();
        session.Define("desk");
        Assert.Equal(0, session.Ask("start", "desk").ExitStatus);
        Assert.Equal(0, session.Ask("pause").ExitStatus);
        RunResult stopped = session.Ask("stop", "--json");
        Assert.Equal("{\"ok\":true,\"text\":\"the guest powered off, asked to because of splitvmm stop\"}\n", stopped.StandardOutput);
    }

    [Fact]
    public void Open_StartsResumesAndRaises()
    {
        using var session = new StandInSession();
        Assert.Equal($"splitvmm: no machine is defined in {session.Definitions} yet; splitvmm config put makes one\n", session.Ask("open").StandardError);
        session.Define("desk");
        Assert.Equal("desk was started\n", session.Ask("open").StandardOutput);
        Assert.Equal(0, session.Ask("pause").ExitStatus);
        Assert.Equal("the window was brought to the front\n", session.Ask("open", "desk").StandardOutput);
        Assert.Equal("running", session.State("desk"));
        Assert.Contains("display-process: raised", session.LogOf("desk"), StringComparison.Ordinal);
    }

    [Fact]
    public void Screenshot_IsWrittenWhereTheUserWants()
    {
        using var session = new StandInSession();
        session.Define("desk");
        Assert.Equal(0, session.Ask("start", "desk").ExitStatus);
        string path = Path.Combine(session.Folder, "shot.png");
        Assert.Equal($"{{\"ok\":true,\"text\":\"wrote {path}\"}}\n", session.Ask("screenshot", path, "--json").StandardOutput);
        RawPicture picture = PlainPng.Read(File.ReadAllBytes(path))!;
        Assert.Equal((64, 48, 0), (picture.Width, picture.Height, picture.Pixels[0]));

        Assert.Equal(0, session.Ask("screenshot", path, "--head", "3").ExitStatus);
        Assert.Equal(3, PlainPng.Read(File.ReadAllBytes(path))!.Pixels[0]);
        RunResult wrong = session.Ask("screenshot", path, "--head", "16");
        Assert.Equal(
            (2, "splitvmm: --head '16' is not a whole number from 0 to 15; see splitvmm screenshot --help\n"), (wrong.ExitStatus, wrong.StandardError));
    }

    // The sixth field of proc_pid_stat(5).
    private static string SessionOf(int pid)
    {
        string stat = File.ReadAllText($"/proc/{pid}/stat");
        return stat[stat.LastIndexOf(')')..].Split(' ')[4];
    }
}
