using System.Runtime.InteropServices;

namespace SplitVmm.Wires.Agent;

/// <summary>First message of both ends.</summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
public struct AgentHello
{
    /// <summary><see cref="AgentProtocol.Magic"/>.</summary>
    [FieldOffset(0)] public ulong Magic;

    /// <summary><see cref="AgentProtocol.Version"/>; another one is refused.</summary>
    [FieldOffset(8)] public uint Version;

    [FieldOffset(12)] public AgentRole Role;
}
