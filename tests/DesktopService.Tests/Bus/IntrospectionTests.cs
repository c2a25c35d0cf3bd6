using System.Xml.Linq;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.DesktopService.Tests.Bus;

/// <summary>The introspection files of the tree say what the service answers, and what it does.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class IntrospectionTests
{
    [Fact]
    public void Introspection_IsWhatTheFilesSay()
    {
        using var bus = new PrivateBus();
        bus.Session.Define("desk");
        XElement root = Introspect(bus, PrivateBus.Root);
        XElement machine = Introspect(bus, PrivateBus.PathOf("desk"));

        string[] files = [.. Directory.GetFiles(SourceTree.Path("desktop-service", "DesktopService", "Bus", "Interfaces")).Order()];
        Assert.Equal(4, files.Length);
        foreach (string file in files)
        {
            XElement expected = XDocument.Load(file).Root!.Element("interface")!;
            string name = expected.Attribute("name")!.Value;
            XElement from = name == "org.splitvmm.Machine1" ? machine : root;
            XElement found = Assert.Single(from.Elements("interface"), element => element.Attribute("name")!.Value == name);
            Assert.Equal(Plain(expected).ToString(), Plain(found).ToString());
        }

        // Each interface once, and the machines below the root.
        string[] names = [.. root.Elements("interface").Select(element => element.Attribute("name")!.Value)];
        Assert.Equal(names.Distinct(), names);
        Assert.Equal("machines", Assert.Single(root.Elements("node")).Attribute("name")!.Value);
    }

    [Fact]
    public void Properties_AreThoseOfTheFile()
    {
        using var bus = new PrivateBus();
        bus.Session.Define("desk");
        XElement file = XDocument.Load(SourceTree.Path("desktop-service", "DesktopService", "Bus", "Interfaces", "org.splitvmm.Machine1.xml")).Root!.Element("interface")!;
        RunResult result = bus.Run(
            "busctl", "systemd", "--user", $"--address={bus.Session.Variables["DBUS_SESSION_BUS_ADDRESS"]}", "--xml-interface", "call", PrivateBus.Name, PrivateBus.PathOf("desk"), "org.freedesktop.DBus.Properties", "GetAll", "s", "org.splitvmm.Machine1");
        Assert.True(result.ExitStatus == 0, result.StandardError);
        foreach (XElement property in file.Elements("property"))
        {
            string name = property.Attribute("name")!.Value;
            Assert.Contains($"\"{name}\" {property.Attribute("type")!.Value} ", result.StandardOutput, StringComparison.Ordinal);
        }

        Assert.StartsWith($"a{{sv}} {file.Elements("property").Count()} ", result.StandardOutput, StringComparison.Ordinal);
    }

    private static XElement Introspect(PrivateBus bus, string path)
    {
        // Its answer to the list shows that the object is there.
        _ = bus.Call(PrivateBus.Root, "org.splitvmm.Manager1.ListMachines");
        RunResult result = bus.Run("gdbus", "libglib2.0-bin", "introspect", "--session", "--xml", "-d", PrivateBus.Name, "-o", path);
        Assert.True(result.ExitStatus == 0, result.StandardError);
        string xml = result.StandardOutput;
        return XElement.Parse(xml[xml.IndexOf("<node", StringComparison.Ordinal)..]);
    }

    // Without comments and line ends.
    internal static XElement Plain(XElement element) =>
        new(element.Name, element.Attributes().OrderBy(attribute => attribute.Name.LocalName), element.Elements().Select(Plain));
}
