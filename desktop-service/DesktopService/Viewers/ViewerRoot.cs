using SplitVmm.DesktopService.Bus;
using SplitVmm.DesktopService.Bus.Wire;
using Tmds.DBus.Protocol;

namespace SplitVmm.DesktopService.Viewers;

/// <summary>
/// The object above all others, which tells of them at once, and of monitors that go and come (org.freedesktop.DBus.ObjectManager).
/// </summary>
internal sealed class ViewerRoot : BusObject
{
    private readonly MachineView _machine;
    private readonly IReadOnlyList<ConsoleView> _consoles;
    private volatile bool _hasConsoles = true;

    public ViewerRoot(DBusConnection connection, MachineView machine, IReadOnlyList<ConsoleView> consoles)
        : base(connection, ViewerNames.Root, BusNames.ObjectManager)
    {
        _machine = machine;
        _consoles = consoles;
        Methods = [new(BusNames.ObjectManager, "GetManagedObjects", "", Tell)];
    }

    public override IReadOnlyList<BusProperty> Properties => [];

    protected override IReadOnlyList<BusMethod> Methods { get; }

    /// <summary>display-process has ended, or another one works: the monitors go and come with it, so that viewers register anew.</summary>
    /// <param name="isTold">It is signalled; there is a connection to the bus.</param>
    public void SetConsoles(bool areThere, bool isTold)
    {
        if (_hasConsoles == areThere)
        {
            return;
        }

        _hasConsoles = areThere;
        foreach (ConsoleView console in isTold ? _consoles : [])
        {
            Emit(BusNames.ObjectManager, areThere ? "InterfacesAdded" : "InterfacesRemoved", areThere ? "oa{sa{sv}}" : "oas", (ref MessageWriter writer) =>
            {
                writer.WriteObjectPath(console.Path);
                if (areThere)
                {
                    WriteInterfaces(ref writer, console, ConsoleView.Interfaces);
                }
                else
                {
                    writer.WriteArray(ConsoleView.Interfaces.ToArray());
                }
            });
        }
    }

    private Task<BusError?> Tell(BusCall call)
    {
        call.Reply("a{oa{sa{sv}}}", (ref MessageWriter writer) =>
        {
            ArrayStart objects = writer.WriteDictionaryStart();
            Write(ref writer, _machine, [ViewerNames.Machine]);
            foreach (ConsoleView console in _hasConsoles ? _consoles : [])
            {
                Write(ref writer, console, ConsoleView.Interfaces);
            }

            writer.WriteDictionaryEnd(objects);
        });
        return Task.FromResult<BusError?>(null);
    }

    private static void Write(ref MessageWriter writer, BusObject item, IReadOnlyList<string> interfaces)
    {
        writer.WriteDictionaryEntryStart();
        writer.WriteObjectPath(item.Path);
        WriteInterfaces(ref writer, item, interfaces);
    }

    private static void WriteInterfaces(ref MessageWriter writer, BusObject item, IReadOnlyList<string> interfaces)
    {
        ArrayStart list = writer.WriteDictionaryStart();
        foreach (string name in interfaces)
        {
            writer.WriteDictionaryEntryStart();
            writer.WriteString(name);
            BusProperty.WriteAll(ref writer, item.PropertiesOf(name));
        }

        writer.WriteDictionaryEnd(list);
    }
}
