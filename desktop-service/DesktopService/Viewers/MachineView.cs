using SplitVmm.DesktopService.Bus.Wire;
using Tmds.DBus.Protocol;

namespace SplitVmm.DesktopService.Viewers;

/// <summary>The machine as viewers see it: its name, and which consoles there are.</summary>
internal sealed class MachineView : BusObject
{
    // What QEMU says of a machine that was given none.
    private const string NoUuid = "00000000-0000-0000-0000-000000000000";

    public MachineView(DBusConnection connection, string name, int heads)
        : base(connection, ViewerNames.MachinePath, ViewerNames.Machine)
    {
        Properties =
        [
            BusProperty.Text("Name", name),
            BusProperty.Text("UUID", NoUuid),
            BusProperty.Counts("ConsoleIDs", [.. Enumerable.Range(0, heads).Select(head => (uint)head)]),
            BusProperty.Texts("Interfaces"),
        ];
    }

    public override IReadOnlyList<BusProperty> Properties { get; }

    protected override IReadOnlyList<BusMethod> Methods => [];
}
