using SplitVmm.DesktopService.CommandLine;

namespace SplitVmm.DesktopService.Definitions;

/// <summary>A machine that is described in a file and may run or not (docs/machines.md).</summary>
/// <param name="Name">Of the file, without <c>.toml</c>; also that of the machine when it runs.</param>
/// <param name="Title">What people read: on the window, in launchers, in notifications.</param>
/// <param name="Settings">What the file sets; the rest has its defaults.</param>
internal sealed record MachineDefinition(string Name, string Title, MachineSettings Settings);
