using SplitVmm.DesktopService.Bus;
using SplitVmm.DesktopService.Bus.Wire;
using Tmds.DBus.Protocol;

namespace SplitVmm.DesktopService.Viewers;

/// <summary>The object above all others, which tells of them at once (org.freedesktop.DBus.ObjectManager).</summary>
internal sealed class ViewerRoot : BusObject
{
    private readonly MachineView _machine;
    private readonly IReadOnlyList<ConsoleView> _consoles;

    public ViewerRoot(DBusConnection connection, MachineView machine, IReadOnlyList<ConsoleView> consoles)
        : base(connection, ViewerNames.Root, BusNames.ObjectManager)
    {
        _machine = machine;
        _consoles = consoles;
        Methods = [new(BusNames.ObjectManager, "GetManagedObjects", "", Tell)];
    }

    public override IReadOnlyList<BusProperty> Properties => [];

    protected override IReadOnlyList<BusMethod> Methods { get; }

    private Task<BusError?> Tell(BusCall call)
    {
        call.Reply("a{oa{sa{sv}}}", (ref MessageWriter writer) =>
        {
            ArrayStart objects = writer.WriteDictionaryStart();
            Write(ref writer, _machine, [ViewerNames.Machine]);
            foreach (ConsoleView console in _consoles)
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
