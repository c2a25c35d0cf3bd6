using SplitVmm.Virtio.Constants;

namespace SplitVmm.VmmCore.CommandLine;

/// <summary>What the command line says, checked as far as it can be without the host.</summary>
/// <param name="Kernel">Path.</param>
/// <param name="Initrd">Path; null for none.</param>
/// <param name="Append">Kernel command line.</param>
/// <param name="MemorySize">Bytes.</param>
/// <param name="Cpus">Number of vCPUs.</param>
/// <param name="SerialToTerminal">The serial port is on standard input and output; else on nothing.</param>
/// <param name="VhostUser">Devices in other processes, in the order of their PCI slots.</param>
/// <param name="InputFd">Inherited end of the input wire; null for none.</param>
/// <param name="Touch">There is a touch screen beside keyboard, tablet and mouse.</param>
/// <param name="AgentFd">Inherited end of the agent wire; null: the guest has no port for an agent.</param>
/// <param name="ControlFd">Inherited end of the control connection; null without a supervisor.</param>
/// <param name="PlugFd">Inherited end of the plug wire; null: a peer that dies is not replaced.</param>
public sealed record CoreOptions(
    string Kernel,
    string? Initrd,
    string Append,
    ulong MemorySize,
    int Cpus,
    bool SerialToTerminal,
    IReadOnlyList<VhostUserArgument> VhostUser,
    int? InputFd,
    bool Touch,
    int? AgentFd,
    int? ControlFd,
    int? PlugFd);

/// <summary>One <c>--vhost-user</c>: a device type and where its back end is.</summary>
/// <param name="Type">The virtio device that the back end implements.</param>
/// <param name="Fd">Inherited connected socket; null if <paramref name="Path"/> is given.</param>
/// <param name="Path">Socket on which a back end listens.</param>
public sealed record VhostUserArgument(VirtioDeviceId Type, int? Fd, string? Path);
