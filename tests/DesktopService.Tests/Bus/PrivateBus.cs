using System.Globalization;
using System.Text.RegularExpressions;
using SplitVmm.DesktopService.Tests.Runs;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.DesktopService.Tests.Bus;

/// <summary>
/// A session bus of the test's own (dbus-daemon), which activates <c>splitvmm service</c> as an installed one would, and
/// the programs of others that speak to it: gdbus, busctl, dbus-send, dbus-monitor.
/// </summary>
internal sealed partial class PrivateBus : IDisposable
{
    public const string Root = "/org/splitvmm/SplitVmm";
    public const string Name = "org.splitvmm.SplitVmm";

    /// <summary>The name that viewers of QEMU's D-Bus display look for.</summary>
    public const string Viewed = "org.qemu";

    private readonly ChildProgram _daemon;

    /// <param name="script">See the stand-ins' Script; of every machine.</param>
    public PrivateBus(string script = "")
    {
        string daemon = Needs.Program("dbus-daemon", "dbus");
        Session = new StandInSession(script);
        string folder = Session.Folder;
        File.WriteAllText(Path.Combine(folder, Name + ".service"), $"[D-BUS Service]\nName={Name}\nExec={StandInPrograms.SplitVmm} service\n");
        File.WriteAllText(Path.Combine(folder, "bus.conf"), $"""
            <busconfig>
              <type>session</type>
              <listen>unix:path={folder}/bus</listen>
              <servicedir>{folder}</servicedir>
              <policy context="default">
                <allow send_destination="*" eavesdrop="true"/>
                <allow eavesdrop="true"/>
                <allow own="*"/>
              </policy>
            </busconfig>
            """);
        Session.Variables["DBUS_SESSION_BUS_ADDRESS"] = $"unix:path={folder}/bus";
        _daemon = ChildProgram.Start(daemon, [$"--config-file={folder}/bus.conf", "--nofork", "--print-address"], Session.Variables);
        Assert.True(_daemon.WaitForOutput("unix:path=", StandInRun.Limit), _daemon.StandardError);
    }

    public StandInSession Session { get; }

    /// <summary>Process number of the service; starts it if it does not run.</summary>
    public int ServicePid
    {
        get
        {
            _ = Call(Root, "org.freedesktop.DBus.Peer.Ping");
            string answer = Gdbus("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus.GetConnectionUnixProcessID", Name).StandardOutput;
            return int.Parse(Number().Match(answer).Groups[1].Value, CultureInfo.InvariantCulture);
        }
    }

    public static string PathOf(string machine) => $"{Root}/machines/{machine}";

    /// <summary>Calls a method of the service by gdbus, which must succeed.</summary>
    /// <returns>The answer as gdbus writes it.</returns>
    public string Call(string path, string method, params string[] arguments)
    {
        RunResult result = Gdbus(Name, path, method, arguments);
        Assert.True(result.ExitStatus == 0, result.StandardError + Daemon);
        return result.StandardOutput.Trim();
    }

    /// <summary>The same of a machine that shows itself to viewers.</summary>
    public string CallViewed(string path, string method, params string[] arguments)
    {
        RunResult result = Gdbus(Viewed, path, method, arguments);
        Assert.True(result.ExitStatus == 0, result.StandardError + Daemon);
        return result.StandardOutput.Trim();
    }

    /// <summary>The error of a call there that must fail.</summary>
    public string FailViewed(string path, string method, params string[] arguments)
    {
        RunResult result = Gdbus(Viewed, path, method, arguments);
        Assert.NotEqual(0, result.ExitStatus);
        return result.StandardError.Trim().Replace("Error: GDBus.Error:", "", StringComparison.Ordinal);
    }

    /// <summary>Waits until somebody has a name on the bus.</summary>
    public void WaitForName(string name) => Assert.True(
        SpinWait.SpinUntil(() => Gdbus("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus.NameHasOwner", name).StandardOutput.Contains("true", StringComparison.Ordinal), StandInRun.Limit),
        $"nobody is {name}");

    /// <summary>The same for a call that must fail.</summary>
    /// <returns><c>NAME: TEXT</c> of the error.</returns>
    public string Fail(string path, string method, params string[] arguments)
    {
        RunResult result = Gdbus(Name, path, method, arguments);
        Assert.NotEqual(0, result.ExitStatus);
        return result.StandardError.Trim().Replace("Error: GDBus.Error:", "", StringComparison.Ordinal);
    }

    public string Property(string machine, string property) =>
        Call(PathOf(machine), "org.freedesktop.DBus.Properties.Get", "org.splitvmm.Machine1", property);

    public void WaitForState(string machine, string state) => Assert.True(
        SpinWait.SpinUntil(() => Property(machine, "State").Contains($"'{state}'", StringComparison.Ordinal), StandInRun.Limit),
        $"{machine} did not become {state}: {Property(machine, "State")}");

    /// <summary>Prints every message on the bus from now on.</summary>
    public ChildProgram Monitor()
    {
        ChildProgram monitor = ChildProgram.Start(Needs.Program("dbus-monitor", "dbus"), ["--session", "--monitor"], Session.Variables);
        Assert.True(monitor.WaitForOutput("member=NameLost", StandInRun.Limit) || monitor.WaitForOutput("signal", StandInRun.Limit), monitor.StandardError);
        return monitor;
    }

    public RunResult Run(string program, string package, params string[] arguments) =>
        ChildProgram.Run(Needs.Program(program, package), arguments, StandInRun.Limit, Session.Variables);

    public void Dispose()
    {
        // With the bus goes the service, and it takes no machine along.
        _daemon.Dispose();
        Session.Dispose();
    }

    private string Daemon => "\nbus: " + _daemon.StandardError;

    private RunResult Gdbus(string destination, string path, string method, params string[] arguments) =>
        Run("gdbus", "libglib2.0-bin", ["call", "--session", "--timeout", "40", "-d", destination, "-o", path, "-m", method, .. arguments]);

    [GeneratedRegex(@"uint32 (\d+)")]
    private static partial Regex Number();
}
