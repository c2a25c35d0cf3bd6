using System.Runtime.InteropServices;

namespace SplitVmm.Wires.Agent;

/// <summary>Body of every message but the hello; the bytes of <see cref="AgentMessageType.Data"/> follow it.</summary>
[StructLayout(LayoutKind.Explicit, Size = 8)]
public struct AgentSession
{
    /// <summary>The number of the session, given by the port: 1 or more, each one greater than all before it on this wire.</summary>
    [FieldOffset(0)] public uint Number;

    /// <summary>Zero.</summary>
    [FieldOffset(4)] public uint Reserved;
}
