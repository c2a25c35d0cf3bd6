using SplitVmm.DesktopService.Bus.Wire;
using SplitVmm.DesktopService.Machines;
using Tmds.DBus.Protocol;

namespace SplitVmm.DesktopService.Viewers;

/// <summary>The machine as viewers see it: its name, its UUID, and which consoles there are.</summary>
internal sealed class MachineView : BusObject
{
    public MachineView(DBusConnection connection, string name, int heads)
        : base(connection, ViewerNames.MachinePath, ViewerNames.Machine)
    {
        Properties =
        [
            BusProperty.Text("Name", name),
            BusProperty.Text("UUID", MachineUuid.Of(name).ToString()),
            BusProperty.Counts("ConsoleIDs", [.. Enumerable.Range(0, heads).Select(head => (uint)head)]),
            BusProperty.Texts("Interfaces"),
        ];
    }

    public override IReadOnlyList<BusProperty> Properties { get; }

    protected override IReadOnlyList<BusMethod> Methods => [];
}
