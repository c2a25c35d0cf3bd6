using System.Reflection;
using SplitVmm.DesktopService.Bus.Book;
using SplitVmm.DesktopService.Bus.Wire;
using SplitVmm.DesktopService.Definitions;
using SplitVmm.DesktopService.Launching;
using SplitVmm.DesktopService.Machines;
using Tmds.DBus.Protocol;

namespace SplitVmm.DesktopService.Bus;

/// <summary>The root object: the manager, the list of all objects, and the application that launchers activate.</summary>
internal sealed class ManagerObject : BusObject
{
    private static readonly string[] s_machineInterfaces = [BusNames.Machine];

    private readonly MachineBook _book;

    public ManagerObject(DBusConnection connection, MachineBook book, BusActions actions, Notifications notifications)
        : base(connection, BusNames.Root, BusNames.Manager, BusNames.ObjectManager, BusNames.Application)
    {
        _book = book;
        Methods =
        [
            new(BusNames.Manager, "ListMachines", "", ListAsync),
            new(BusNames.Manager, "Start", "s", call => DoAsync(call, ReadString(call), actions.StartAsync)),
            new(BusNames.Manager, "Open", "s", call => DoAsync(call, ReadString(call), actions.OpenAsync)),
            new(BusNames.Manager, "Define", "ssb", DefineAsync),
            new(BusNames.ObjectManager, "GetManagedObjects", "", GetManagedObjectsAsync),
            .. new ApplicationMethods(actions, notifications).All,
        ];
    }

    public override IReadOnlyList<BusProperty> Properties { get; } = [BusProperty.Text("Version", Version)];

    protected override IReadOnlyList<BusMethod> Methods { get; }

    private static string Version =>
        typeof(ManagerObject).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "";

    /// <summary>A machine has come.</summary>
    public void EmitAdded(MachineEntry machine) => Emit(BusNames.ObjectManager, "InterfacesAdded", "oa{sa{sv}}", (ref MessageWriter writer) =>
    {
        writer.WriteObjectPath(BusNames.PathOf(machine.Name));
        WriteInterfaces(ref writer, machine);
    });

    /// <summary>A machine has gone.</summary>
    public void EmitRemoved(MachineEntry machine) => Emit(BusNames.ObjectManager, "InterfacesRemoved", "oas", (ref MessageWriter writer) =>
    {
        writer.WriteObjectPath(BusNames.PathOf(machine.Name));
        writer.WriteArray(s_machineInterfaces);
    });

    private static void WriteInterfaces(ref MessageWriter writer, MachineEntry machine)
    {
        ArrayStart interfaces = writer.WriteDictionaryStart();
        writer.WriteDictionaryEntryStart();
        writer.WriteString(BusNames.Machine);
        BusProperty.WriteAll(ref writer, MachineProperties.Of(machine));
        writer.WriteDictionaryEnd(interfaces);
    }

    private static async Task<BusError?> DoAsync(BusCall call, string name, Func<string, Task<ActionOutcome>> action)
    {
        ActionOutcome outcome = await action(name).ConfigureAwait(false);
        if (!outcome.IsDone)
        {
            return BusError.Of(outcome);
        }

        call.Reply("o", (ref MessageWriter writer) => writer.WriteObjectPath(BusNames.PathOf(name)));
        return null;
    }

    private async Task<BusError?> ListAsync(BusCall call)
    {
        _ = await _book.RefreshAsync().ConfigureAwait(false);
        IReadOnlyList<MachineEntry> machines = _book.Machines;
        call.Reply("a(osss)", (ref MessageWriter writer) =>
        {
            ArrayStart list = writer.WriteArrayStart(DBusType.Struct);
            foreach (MachineEntry machine in machines)
            {
                writer.WriteStructureStart();
                writer.WriteObjectPath(BusNames.PathOf(machine.Name));
                writer.WriteString(machine.Name);
                writer.WriteString(machine.Title);
                writer.WriteString(machine.State);
            }

            writer.WriteArrayEnd(list);
        });
        return null;
    }

    private async Task<BusError?> DefineAsync(BusCall call)
    {
        Reader body = call.Body;
        string name = body.ReadString();
        string text = body.ReadString();
        bool replace = body.ReadBool();
        if (!MachineName.TryParse(name, out _, out string wrong))
        {
            return BusError.InvalidArguments(wrong);
        }

        if (DefinitionFolder.Put(name, text, replace, name) is { Length: > 0 } error)
        {
            return BusError.InvalidDefinition(error);
        }

        _ = await _book.RefreshAsync().ConfigureAwait(false);
        call.Reply("o", (ref MessageWriter writer) => writer.WriteObjectPath(BusNames.PathOf(name)));
        return null;
    }

    private async Task<BusError?> GetManagedObjectsAsync(BusCall call)
    {
        _ = await _book.RefreshAsync().ConfigureAwait(false);
        IReadOnlyList<MachineEntry> machines = _book.Machines;
        call.Reply("a{oa{sa{sv}}}", (ref MessageWriter writer) =>
        {
            ArrayStart objects = writer.WriteDictionaryStart();
            foreach (MachineEntry machine in machines)
            {
                writer.WriteDictionaryEntryStart();
                writer.WriteObjectPath(BusNames.PathOf(machine.Name));
                WriteInterfaces(ref writer, machine);
            }

            writer.WriteDictionaryEnd(objects);
        });
        return null;
    }
}
