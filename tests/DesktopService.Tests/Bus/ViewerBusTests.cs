using System.Diagnostics;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using SplitVmm.DesktopService.Machines;
using SplitVmm.DesktopService.Tests.Runs;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.DesktopService.Tests.Bus;

/// <summary>A machine under the names of QEMU's D-Bus display, with the programs of others as its clients.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class ViewerBusTests
{
    private const string Path = "/org/qemu/Display1";
    private const string Console = Path + "/Console_0";
    private const string Get = "org.freedesktop.DBus.Properties.Get";

    private const string TwoMonitors = "display.viewers = true\ngpu.max_outputs = 2\n";

    [Fact]
    public void Machine_WithViewers_HasTheObjectsOfTheFiles()
    {
        using var bus = new PrivateBus();
        Start(bus, "desk", TwoMonitors);

        Assert.Equal("(<'desk'>,)", bus.CallViewed(Path + "/VM", Get, "org.qemu.Display1.VM", "Name"));
        Assert.Equal($"(<'{MachineUuid.Of("desk")}'>,)", bus.CallViewed(Path + "/VM", Get, "org.qemu.Display1.VM", "UUID"));
        Assert.Equal("(<[uint32 0, 1]>,)", bus.CallViewed(Path + "/VM", Get, "org.qemu.Display1.VM", "ConsoleIDs"));
        Assert.Equal("(<uint32 1>,)", bus.CallViewed(Path + "/Console_1", Get, "org.qemu.Display1.Console", "Head"));
        WaitFor(() => bus.CallViewed(Path + "/Console_1", Get, "org.qemu.Display1.Console", "Width") == "(<uint32 320>,)");
        Assert.Equal("(<uint32 2>,)", bus.CallViewed(Console, Get, "org.qemu.Display1.Keyboard", "Modifiers"));
        Assert.Equal("(<true>,)", bus.CallViewed(Console, Get, "org.qemu.Display1.Mouse", "IsAbsolute"));
        string all = bus.CallViewed(Path, "org.freedesktop.DBus.ObjectManager.GetManagedObjects");
        foreach (string expected in (string[])["objectpath '/org/qemu/Display1/VM': {'org.qemu.Display1.VM'", "'/org/qemu/Display1/Console_1': {'org.qemu.Display1.Console'", "'org.qemu.Display1.Keyboard': {'Modifiers': <uint32 2>}"])
        {
            Assert.Contains(expected, all, StringComparison.Ordinal);
        }

        XElement machine = Introspect(bus, Path + "/VM");
        XElement console = Introspect(bus, Console);
        string[] files = [.. Directory.GetFiles(SourceTree.Path("desktop-service", "DesktopService", "Viewers", "Interfaces")).Order()];
        Assert.Equal(5, files.Length);
        foreach (string file in files)
        {
            XElement expected = XDocument.Load(file).Root!.Element("interface")!;
            string name = expected.Attribute("name")!.Value;
            XElement found = Assert.Single(
                (name.EndsWith("VM", StringComparison.Ordinal) ? machine : console).Elements("interface"), element => element.Attribute("name")!.Value == name);
            Assert.Equal(IntrospectionTests.Plain(expected).ToString(), IntrospectionTests.Plain(found).ToString());
        }
    }

    [Fact]
    public void Calls_OfViewers_ReachTheDisplayInOrder()
    {
        using var bus = new PrivateBus();
        Start(bus, "desk", "display.viewers = true\n");

        Assert.Equal("()", bus.CallViewed(Console, "org.qemu.Display1.Keyboard.Press", "30"));
        Assert.Equal("()", bus.CallViewed(Console, "org.qemu.Display1.Keyboard.Release", "30"));
        Assert.Equal("()", bus.CallViewed(Console, "org.qemu.Display1.Mouse.SetAbsPosition", "7", "8"));
        Assert.Equal("()", bus.CallViewed(Console, "org.qemu.Display1.Mouse.RelMotion", "--", "-7", "8"));
        Assert.Equal("()", bus.CallViewed(Console, "org.qemu.Display1.Mouse.Press", "2"));
        Assert.Equal("()", bus.CallViewed(Console, "org.qemu.Display1.MultiTouch.SendEvent", "1", "2", "3.5", "4"));
        Assert.Equal("()", bus.CallViewed(Console, "org.qemu.Display1.Console.SetUIInfo", "310", "200", "0", "0", "1024", "768"));
        Assert.Equal("org.qemu.Display1.Error.Invalid: there is no key 0", bus.FailViewed(Console, "org.qemu.Display1.Keyboard.Press", "0"));
        Assert.Equal("org.qemu.Display1.Error.Invalid: there is no kind 4, or no slot 2", bus.FailViewed(Console, "org.qemu.Display1.MultiTouch.SendEvent", "4", "2", "1.0", "1.0"));

        string[] said = ["{ \"key\": { \"number\": 30, \"down\": true } }", "{ \"key\": { \"number\": 30 } }", "{ \"position\": { \"x\": 7, \"y\": 8 } }", "{ \"motion\": { \"x\": -7, \"y\": 8 } }", "{ \"button\": { \"number\": 2, \"down\": true } }", "{ \"touch\": { \"step\": \"TOUCH_STEP_UPDATE\", \"slot\": 2, \"x\": 3.5, \"y\": 4 } }", "{ \"width\": 1024, \"height\": 768, \"widthMm\": 310, \"heightMm\": 200 }"];
        WaitFor(() => said.All(line => bus.Session.LogOf("desk").Contains(line, StringComparison.Ordinal)), () => bus.Session.LogOf("desk"));
        int[] places = [.. said.Select(line => bus.Session.LogOf("desk").IndexOf(line, StringComparison.Ordinal))];
        Assert.Equal(places.Order(), places);
    }

    [Fact]
    public void Listener_OfAViewer_IsHandedOver_AndOnlySockets()
    {
        using var bus = new PrivateBus();
        Start(bus, "desk", "display.viewers = true\n");
        using GlibViewer viewer = GlibViewer.OnBus(bus.Session.Variables);

        WaitFor(() => bus.Session.LogOf("desk").Contains("a viewer came for scanout 0", StringComparison.Ordinal), () => bus.Session.LogOf("desk"));
        // gdbus sends its own standard input, which is a pipe here.
        Assert.Equal(
            "org.qemu.Display1.Error.Invalid: a listener is one end of a pair of Unix stream sockets",
            bus.FailViewed(Console, "org.qemu.Display1.Console.RegisterListener", "handle 0"));
        Assert.Equal("()", bus.CallViewed(Console, "org.qemu.Display1.Keyboard.Press", "30"));
    }

    [Fact]
    public void Monitors_GoAndComeWithTheDisplay()
    {
        using var bus = new PrivateBus();
        Start(bus, "desk", TwoMonitors);
        using ChildProgram monitor = bus.Monitor();
        Process.GetProcessById(bus.Session.Pid("desk", "display-process")).Kill();

        var signals = new Regex(string.Join("(?s:.*)", ((string[])["Removed", "Added"]).SelectMany(what => ((string[])["Console_0", "Console_1"])
            .Select(console => $@"member=Interfaces{what}\s+object path ""{Path}/{console}""\s+array \[[^/]*org\.qemu\.Display1\.Console[^/]*org\.qemu\.Display1\.Mouse"))));
        WaitFor(() => signals.IsMatch(monitor.StandardOutput), () => monitor.StandardOutput);
        Assert.Contains("'/org/qemu/Display1/Console_1': {'org.qemu.Display1.Console'", bus.CallViewed(Path, "org.freedesktop.DBus.ObjectManager.GetManagedObjects"), StringComparison.Ordinal);
        Assert.Equal("()", bus.CallViewed(Path + "/Console_1", "org.qemu.Display1.Keyboard.Press", "30"));
    }

    [Fact]
    public void Monitors_OfADisplayThatIsNotRestarted_AreGone()
    {
        using var bus = new PrivateBus();
        Start(bus, "desk", "display.viewers = true\nrecovery.crashes = 0\n");
        Process.GetProcessById(bus.Session.Pid("desk", "display-process")).Kill();

        string all = "";
        WaitFor(() => !(all = bus.CallViewed(Path, "org.freedesktop.DBus.ObjectManager.GetManagedObjects")).Contains("Console_0", StringComparison.Ordinal), () => all);
        Assert.Contains("objectpath '/org/qemu/Display1/VM': {'org.qemu.Display1.VM'", all, StringComparison.Ordinal);
        Assert.StartsWith("org.qemu.Display1.Error.Invalid: display-process does not ", bus.FailViewed(Console, "org.qemu.Display1.Keyboard.Press", "30"), StringComparison.Ordinal);
    }

    [Fact]
    public void TwoMachines_AreBothInTheQueueForTheName()
    {
        using var bus = new PrivateBus();
        Start(bus, "one", "display.viewers = true\n");
        Start(bus, "two", "display.viewers = true\n");
        RunResult queue = default!;
        WaitFor(
            () => (queue = bus.Run("gdbus", "libglib2.0-bin", "call", "--session", "-d", "org.freedesktop.DBus", "-o", "/org/freedesktop/DBus", "-m", "org.freedesktop.DBus.ListQueuedOwners", "org.qemu")).StandardOutput.Split(':').Length == 3,
            () => queue.StandardOutput);
        Assert.Equal("(<'one'>,)", bus.CallViewed(Path + "/VM", Get, "org.qemu.Display1.VM", "Name"));

        Assert.Equal(0, bus.Session.Ask("stop", "one", "--force").ExitStatus);
        WaitFor(() => bus.CallViewed(Path + "/VM", Get, "org.qemu.Display1.VM", "Name") == "(<'two'>,)");
    }

    [Fact]
    public void Machine_WithoutViewers_HasNoName()
    {
        using var bus = new PrivateBus();
        bus.Session.Define("desk");
        Assert.Equal(0, bus.Session.Ask("start", "desk").ExitStatus);
        bus.WaitForState("desk", "running");
        Assert.StartsWith("org.freedesktop.DBus.Error.ServiceUnknown", bus.FailViewed(Console, Get, "org.qemu.Display1.Console", "Head"), StringComparison.Ordinal);
    }

    [Fact]
    public void Machine_WithoutABus_SaysSoAndRuns()
    {
        using var session = new StandInSession();
        session.Variables["DBUS_SESSION_BUS_ADDRESS"] = $"unix:path={session.Folder}/nothing";
        session.Define("desk", "display.viewers = true\n");
        Assert.Equal(0, session.Ask("start", "desk").ExitStatus);
        WaitFor(() => session.State("desk") == "running");
        WaitFor(() => session.LogOf("desk").Contains("no viewer can attach: the session bus cannot be used: ", StringComparison.Ordinal), () => session.LogOf("desk"));
    }

    private static void Start(PrivateBus bus, string name, string further)
    {
        bus.Session.Define(name, further);
        Assert.Equal(0, bus.Session.Ask("start", name).ExitStatus);
        bus.WaitForState(name, "running");
        bus.WaitForName(PrivateBus.Viewed);
    }

    private static void WaitFor(Func<bool> condition, Func<string>? found = null) =>
        Assert.True(SpinWait.SpinUntil(condition, StandInRun.Limit), found?.Invoke());

    private static XElement Introspect(PrivateBus bus, string path)
    {
        RunResult result = bus.Run("gdbus", "libglib2.0-bin", "introspect", "--session", "--xml", "-d", PrivateBus.Viewed, "-o", path);
        Assert.True(result.ExitStatus == 0, result.StandardError);
        return XElement.Parse(result.StandardOutput[result.StandardOutput.IndexOf("<node", StringComparison.Ordinal)..]);
    }
}
