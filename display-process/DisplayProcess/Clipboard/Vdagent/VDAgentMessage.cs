using System.Runtime.InteropServices;

namespace SplitVmm.DisplayProcess.Clipboard.Vdagent;

/// <summary><c>VDAgentMessage</c> of spice-protocol's <c>vd_agent.h</c>, packed: begins each message. Little-endian.</summary>
[StructLayout(LayoutKind.Explicit, Size = 20)]
public struct VDAgentMessage
{
    public const uint VD_AGENT_PROTOCOL = 1;

    /// <summary><see cref="VD_AGENT_PROTOCOL"/>.</summary>
    [FieldOffset(0)] public uint Protocol;

    [FieldOffset(4)] public VDAgentMessageType Type;

    /// <summary>Of no use to anybody; zero.</summary>
    [FieldOffset(8)] public ulong Opaque;

    /// <summary>Bytes of the message after this header.</summary>
    [FieldOffset(16)] public uint Size;
}
