using System.Runtime.InteropServices;
using SplitVmm.DesktopService.Tests.Runs;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.DesktopService.Tests.Bus;

/// <summary><c>splitvmm service</c> on a session bus, with the programs of others as its clients.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed partial class ServiceTests
{
    private const string Manager = "org.splitvmm.Manager1.";
    private const string Machine = "org.splitvmm.Machine1.";
    private const string Application = "org.freedesktop.Application.";
    private const int SIGKILL = 9;

    [Fact]
    public void Machine_FromStartToEnd_IsDrivenAndSeenOverTheBus()
    {
        using var bus = new PrivateBus();
        bus.Session.Define("desk", "[recovery]\ncrashes = 5\n");
        using ChildProgram monitor = bus.Monitor();
        Assert.Equal("([(objectpath '/org/splitvmm/SplitVmm/machines/desk', 'desk', 'desk', 'off')],)", bus.Call(PrivateBus.Root, Manager + "ListMachines"));

        Assert.Equal("(objectpath '/org/splitvmm/SplitVmm/machines/desk',)", bus.Call(PrivateBus.Root, Manager + "Start", "desk"));
        bus.WaitForState("desk", "running");
        Assert.Equal("(<'3d'>,)", bus.Property("desk", "GpuMode"));
        Assert.Equal("(<'memfd'>,)", bus.Property("desk", "FrameTransport"));
        Assert.Equal($"(<uint32 {bus.Session.Status("desk").GetProperty("pid").GetInt32()}>,)", bus.Property("desk", "Pid"));
        Assert.Contains($"('gpu-process', {bus.Session.Pid("desk", "gpu-process")}, 'ready', 0, 0)", bus.Property("desk", "Processes"), StringComparison.Ordinal);

        Assert.Equal("()", bus.Call(PrivateBus.PathOf("desk"), Machine + "Pause"));
        bus.WaitForState("desk", "paused");
        Assert.Equal("paused", bus.Session.State("desk"));
        Assert.Equal("()", bus.Call(PrivateBus.PathOf("desk"), Machine + "Open"));
        bus.WaitForState("desk", "running");
        Assert.Matches(@"^\('gpu-process ended as asked, restarted in \d+ ms',\)$", bus.Call(PrivateBus.PathOf("desk"), Machine + "RestartGpu"));
        string picture = Path.Combine(bus.Session.Folder, "shot.png");
        Assert.Equal("()", bus.Call(PrivateBus.PathOf("desk"), Machine + "Screenshot", picture));
        Assert.True(File.Exists(picture));

        // The same command line as ever sees the same machine.
        Assert.StartsWith("desk  running", bus.Session.Ask("list").StandardOutput, StringComparison.Ordinal);
        Assert.Equal("()", bus.Call(PrivateBus.PathOf("desk"), Machine + "Stop", "false"));
        bus.WaitForState("desk", "off");
        foreach (string expected in (string[])["member=PropertiesChanged", "member=StateChanged", "string \"starting\"", "member=Recovered", "member=Ended", "string \"the guest powered off, asked to because of splitvmm stop\""])
        {
            Assert.True(monitor.WaitForOutput(expected, StandInRun.Limit), $"{expected} in {monitor.StandardOutput}");
        }

        Assert.DoesNotContain("member=Crashed", monitor.StandardOutput, StringComparison.Ordinal);
        Assert.DoesNotContain("member=Notify", monitor.StandardOutput, StringComparison.Ordinal);
    }

    [Fact]
    public void Service_KilledAndActivatedAgain_FindsItsMachines()
    {
        using var bus = new PrivateBus();
        bus.Session.Define("one");
        bus.Session.Define("two");
        _ = bus.Call(PrivateBus.Root, Manager + "Start", "one");
        Assert.Equal(0, bus.Session.Ask("start", "two").ExitStatus);
        bus.WaitForState("one", "running");
        string pid = bus.Property("one", "Pid");
        int service = bus.ServicePid;

        Assert.Equal(0, kill(service, SIGKILL));

        Assert.True(SpinWait.SpinUntil(() => !Directory.Exists($"/proc/{service}"), StandInRun.Limit));
        Assert.Contains("'one', 'one', 'running'", bus.Call(PrivateBus.Root, Manager + "ListMachines"), StringComparison.Ordinal);
        Assert.Contains("'two', 'two', 'running'", bus.Call(PrivateBus.Root, Manager + "ListMachines"), StringComparison.Ordinal);
        Assert.NotEqual(service, bus.ServicePid);
        Assert.Equal(pid, bus.Property("one", "Pid"));
        Assert.Equal("()", bus.Call(PrivateBus.PathOf("one"), Machine + "Stop", "true"));
        bus.WaitForState("one", "off");
    }

    [Fact]
    public void Crash_IsSignalledAndTheUserIsTold()
    {
        using var bus = new PrivateBus();
        bus.Session.Define("desk", "[recovery]\ncrashes = 1\n");
        // On its first line, where it is no key of a table.
        string file = Path.Combine(bus.Session.Definitions, "desk.toml");
        File.WriteAllText(file, "title = \"My <desk>\"\n" + File.ReadAllText(file));
        _ = bus.Call(PrivateBus.Root, Manager + "Start", "desk");
        bus.WaitForState("desk", "running");
        using ChildProgram monitor = bus.Monitor();

        Assert.Equal(0, kill(bus.Session.Pid("desk", "gpu-process"), SIGKILL));
        Assert.True(monitor.WaitForOutput("string \"gpu-process died (signal 9), restarted in ", StandInRun.Limit), monitor.StandardOutput);
        Assert.Contains("(<uint32 1>,)", bus.Property("desk", "Crashes"), StringComparison.Ordinal);
        Assert.Equal(0, kill(bus.Session.Pid("desk", "display-process"), SIGKILL));

        Assert.True(monitor.WaitForOutput("string \"display-process died (signal 9), restarted in ", StandInRun.Limit), monitor.StandardOutput);
        Assert.Contains("(<uint32 2>,)", bus.Property("desk", "Crashes"), StringComparison.Ordinal);
        Assert.Contains("'display-process', ", bus.Property("desk", "Processes"), StringComparison.Ordinal);
        Assert.Equal(0, kill(bus.Session.Pid("desk", "display-process"), SIGKILL));
        Assert.True(monitor.WaitForOutput("and is not restarted any more", StandInRun.Limit), monitor.StandardOutput);
        // The notification follows; one of this urgency stays until it was seen, for no new process follows.
        Assert.True(monitor.WaitForOutput("byte 2", StandInRun.Limit), monitor.StandardOutput);

        string transcript = monitor.StandardOutput;
        Assert.Contains("path=/org/splitvmm/SplitVmm/machines/desk; interface=org.splitvmm.Machine1; member=Crashed", transcript, StringComparison.Ordinal);
        Assert.Contains("string \"gpu-process died (signal 9), restarting (1 of 1 in 60 s)\"", transcript, StringComparison.Ordinal);
        Assert.Contains("string \"display-process died (signal 9), restarting (1 of 1 in 60 s)\"", transcript, StringComparison.Ordinal);
        Assert.Contains("destination=org.freedesktop.Notifications", transcript, StringComparison.Ordinal);
        Assert.Contains("member=Notify", transcript, StringComparison.Ordinal);
        Assert.Contains("string \"My <desk>: gpu-process crashed\"", transcript, StringComparison.Ordinal);
        Assert.Contains("string \"My <desk>: display-process crashed\"", transcript, StringComparison.Ordinal);
        Assert.Matches("string \"urgency\"\\s+variant\\s+byte 2", transcript);
    }

    [Fact]
    public void Machine_ThatEndsUnasked_IsTold()
    {
        using var bus = new PrivateBus();
        bus.Session.Define("desk");
        _ = bus.Call(PrivateBus.Root, Manager + "Start", "desk");
        bus.WaitForState("desk", "running");
        using ChildProgram monitor = bus.Monitor();
        Assert.Equal(0, kill(bus.Session.Pid("desk", "vmm-core"), SIGKILL));
        Assert.True(monitor.WaitForOutput("string \"desk has ended\"", StandInRun.Limit), monitor.StandardOutput);
        Assert.Matches("member=Ended\\s+boolean false\\s+string \"vmm-core", monitor.StandardOutput);
        bus.WaitForState("desk", "off");
    }

    [Fact]
    public void Application_IsActivatedAsLaunchersDo()
    {
        using var bus = new PrivateBus();
        using (ChildProgram monitor = bus.Monitor())
        {
            Assert.StartsWith("org.splitvmm.Error.NoSuchMachine: no machine is defined in ", bus.Fail(PrivateBus.Root, Application + "Activate", "{}"), StringComparison.Ordinal);
            Assert.True(monitor.WaitForOutput("member=Notify", StandInRun.Limit), monitor.StandardOutput);
        }

        bus.Session.Define("desk");
        bus.Session.Define("other");
        Assert.Equal("()", bus.Call(PrivateBus.Root, Application + "Activate", "{'desktop-startup-id': <'x'>}"));
        bus.WaitForState("desk", "running");
        string file = Path.Combine(bus.Session.Definitions, "other.toml");
        Assert.Equal("()", bus.Call(PrivateBus.Root, Application + "Open", $"['file://{file}']", "{}"));
        bus.WaitForState("other", "running");
        // What was started last is what a click means.
        Assert.Equal("()", bus.Call(PrivateBus.Root, Application + "ActivateAction", "pause", "[<'other'>]", "{}"));
        bus.WaitForState("other", "paused");
        Assert.Equal("()", bus.Call(PrivateBus.Root, Application + "Activate", "{}"));
        bus.WaitForState("other", "running");
        Assert.StartsWith(
            "org.splitvmm.Error.NoSuchMachine: file:///etc/passwd is no definition in ", bus.Fail(PrivateBus.Root, Application + "Open", "['file:///etc/passwd']", "{}"), StringComparison.Ordinal);
    }

    [Fact]
    public void Machine_ThatNobodyDefined_ComesAndGoes()
    {
        using var bus = new PrivateBus();
        _ = bus.ServicePid;
        using ChildProgram monitor = bus.Monitor();
        using var run = new StandInRun("", bus.Session.Variables, "--name", "by-hand");
        run.WaitForGuest();
        Assert.True(monitor.WaitForOutput("member=InterfacesAdded", StandInRun.Limit), monitor.StandardOutput);
        Assert.Equal("(<false>,)", bus.Property("by_2dhand", "Defined"));
        bus.WaitForState("by_2dhand", "running");
        Assert.Equal(0, run.PowerOff().ExitStatus);
        Assert.True(monitor.WaitForOutput("member=InterfacesRemoved", StandInRun.Limit), monitor.StandardOutput);
        Assert.Equal("(@a(osss) [],)", bus.Call(PrivateBus.Root, Manager + "ListMachines"));
    }

    [Fact]
    public void Define_StoresWhatIsRight()
    {
        using var bus = new PrivateBus();
        string text = $"kernel = \"{bus.Session.Definitions}/kernel\"\n";
        Assert.Equal("(objectpath '/org/splitvmm/SplitVmm/machines/a_2eb',)", bus.Call(PrivateBus.Root, Manager + "Define", "a.b", text, "false"));
        Assert.Equal(text, File.ReadAllText(Path.Combine(bus.Session.Definitions, "a.b.toml")));
        Assert.Equal("(<'off'>,)", bus.Property("a_2eb", "State"));
        Assert.Equal(
            "org.splitvmm.Error.InvalidDefinition: there is a definition a.b; --replace replaces it", bus.Fail(PrivateBus.Root, Manager + "Define", "a.b", text, "false"));
        Assert.Equal(
            "org.splitvmm.Error.InvalidDefinition: a.b:2: cpus takes a whole number from 1 to 255, not 0",
            bus.Fail(PrivateBus.Root, Manager + "Define", "a.b", text + "cpus = 0\n", "true"));
        Assert.Equal(text, File.ReadAllText(Path.Combine(bus.Session.Definitions, "a.b.toml")));
    }

    [Fact]
    public void Calls_ThatCannotBeDone_HaveNamedErrors()
    {
        using var bus = new PrivateBus("vmm-core@spawned=exit:1");
        bus.Session.Define("desk");
        bus.Session.Define("wrong", "cpus = 0\n");
        (string Path, string Method, string[] Arguments, string Expected)[] cases =
        [
            (PrivateBus.Root, Manager + "Start", ["dessk"], "org.splitvmm.Error.NoSuchMachine: no machine definition dessk; did you mean desk?"),
            (PrivateBus.Root, Manager + "Open", ["../desk"], "org.splitvmm.Error.NoSuchMachine: no machine definition ../desk; "),
            (PrivateBus.Root, Manager + "Start", ["wrong"], $"org.splitvmm.Error.InvalidDefinition: {bus.Session.Definitions}/wrong.toml:5: cpus takes "),
            (PrivateBus.PathOf("desk"), Machine + "Pause", [], "org.splitvmm.Error.NotRunning: desk does not run"),
            (PrivateBus.PathOf("desk"), Machine + "Stop", ["true"], "org.splitvmm.Error.NotRunning: desk does not run"),
            (PrivateBus.PathOf("desk"), "org.freedesktop.DBus.Properties.Get", ["org.splitvmm.Machine1", "Stat"], "org.freedesktop.DBus.Error.UnknownProperty: there is no property Stat"),
            (PrivateBus.PathOf("desk"), "org.freedesktop.DBus.Properties.Set", ["org.splitvmm.Machine1", "State", "<'off'>"], "org.freedesktop.DBus.Error.PropertyReadOnly: the property State cannot be set"),
            (PrivateBus.Root, Application + "ActivateAction", ["fly", "[<'desk'>]", "{}"], "org.freedesktop.DBus.Error.InvalidArgs: unknown action fly; known are start, open, stop, pause, resume, restart-gpu"),
            (PrivateBus.Root, Application + "ActivateAction", ["stop", "@av []", "{}"], "org.freedesktop.DBus.Error.InvalidArgs: the action stop takes the name of a machine"),
            (PrivateBus.Root, Manager + "Define", ["a/b", "", "true"], "org.freedesktop.DBus.Error.InvalidArgs: machine name 'a/b' is not "),
        ];
        foreach ((string path, string method, string[] arguments, string expected) in cases)
        {
            Assert.StartsWith(expected, bus.Fail(path, method, arguments), StringComparison.Ordinal);
        }

        // gdbus asks what a method takes; dbus-send does not.
        RunResult wrong = bus.Run("dbus-send", "dbus", "--session", "--print-reply", $"--dest={PrivateBus.Name}", PrivateBus.Root, Manager + "Start", "uint32:1");
        Assert.Contains("org.freedesktop.DBus.Error.InvalidArgs: Start takes (s), not (u)", wrong.StandardError, StringComparison.Ordinal);
        RunResult unknown = bus.Run("dbus-send", "dbus", "--session", "--print-reply", $"--dest={PrivateBus.Name}", PrivateBus.Root, Manager + "Fly");
        Assert.Contains("org.freedesktop.DBus.Error.UnknownMethod", unknown.StandardError, StringComparison.Ordinal);
    }

    [Fact]
    public void TwoMachines_StartedAndStoppedAgainAndAgain_LeaveNothing()
    {
        int rounds = int.TryParse(Environment.GetEnvironmentVariable("SPLITVMM_ROUNDS"), out int chosen) ? chosen : 3;
        using var bus = new PrivateBus();
        bus.Session.Define("one");
        bus.Session.Define("two");
        int service = bus.ServicePid;
        for (int round = 0; round < rounds; round++)
        {
            Parallel.ForEach((string[])["one", "two"], name => bus.Call(PrivateBus.Root, Manager + "Start", name));
            bus.WaitForState("one", "running");
            bus.WaitForState("two", "running");
            Parallel.ForEach((string[])["one", "two"], name => bus.Call(PrivateBus.PathOf(name), Machine + "Stop", "false"));
            bus.WaitForState("one", "off");
            bus.WaitForState("two", "off");
        }

        Assert.True(SpinWait.SpinUntil(() => !Directory.Exists(bus.Session.Running), StandInRun.Limit), "folders of machines are left");
        Assert.Equal(service, bus.ServicePid);
        Assert.True(SpinWait.SpinUntil(() => ChildrenOf(service).Length == 0, StandInRun.Limit), "children of the service are left: " + string.Join(' ', ChildrenOf(service)));
    }

    [Fact]
    public void Service_ThatCannotServe_SaysWhy()
    {
        using var bus = new PrivateBus();
        _ = bus.ServicePid;
        RunResult second = bus.Session.Ask("service");
        Assert.Equal((1, "splitvmm: another program is org.splitvmm.SplitVmm on this bus already\n"), (second.ExitStatus, second.StandardError));
        bus.Session.Variables["DBUS_SESSION_BUS_ADDRESS"] = "unix:path=/nonesuch";
        RunResult none = bus.Session.Ask("service");
        Assert.Equal(1, none.ExitStatus);
        Assert.StartsWith("splitvmm: the session bus cannot be used: ", none.StandardError, StringComparison.Ordinal);
    }

    private static string[] ChildrenOf(int pid) => [.. Directory.GetDirectories($"/proc/{pid}/task")
        .SelectMany(task => File.ReadAllText(Path.Combine(task, "children")).Split(' ', StringSplitOptions.RemoveEmptyEntries))];

    [LibraryImport("libc")]
    private static partial int kill(int pid, int signal);
}
