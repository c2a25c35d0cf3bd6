using SplitVmm.Control.Protocol;
using SplitVmm.DesktopService.Bus.Book;
using SplitVmm.DesktopService.Bus.Wire;
using Tmds.DBus.Protocol;

namespace SplitVmm.DesktopService.Bus;

/// <summary>The properties of <c>org.splitvmm.Machine1</c>.</summary>
internal static class MachineProperties
{
    public static IReadOnlyList<BusProperty> Of(MachineEntry machine)
    {
        MachineInfo info = machine.Info ?? new MachineInfo();
        return
        [
            BusProperty.Text("Name", machine.Name),
            BusProperty.Text("Title", machine.Title),
            BusProperty.Flag("Defined", machine.IsDefined),
            BusProperty.Text("State", machine.State),
            BusProperty.Count("Pid", (uint)info.Pid),
            new BusProperty("Processes", "a(susuu)", string.Join(';', info.Processes), (ref MessageWriter writer) => WriteProcesses(ref writer, info)),
            BusProperty.Text("GpuMode", info.GpuMode),
            BusProperty.Text("Renderer", info.Renderer),
            BusProperty.Text("FrameTransport", info.FrameTransport),
            BusProperty.Count("Restarts", info.Restarts),
            BusProperty.Count("Crashes", info.Crashes),
        ];
    }

    private static void WriteProcesses(ref MessageWriter writer, MachineInfo info)
    {
        ArrayStart list = writer.WriteArrayStart(DBusType.Struct);
        foreach (MachineProcess process in info.Processes)
        {
            writer.WriteStructureStart();
            writer.WriteString(process.Name);
            writer.WriteUInt32((uint)process.Pid);
            writer.WriteString(process.State);
            writer.WriteUInt32(process.Restarts);
            writer.WriteUInt32(process.Crashes);
        }

        writer.WriteArrayEnd(list);
    }
}
