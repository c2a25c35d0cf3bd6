using System.Runtime.InteropServices;

namespace SplitVmm.DisplayProcess.Clipboard.Vdagent;

/// <summary><c>VDIChunkHeader</c> of spice-protocol's <c>vd_agent.h</c>: before each piece of a message, on the port itself.</summary>
[StructLayout(LayoutKind.Explicit, Size = 8)]
public struct VDIChunkHeader
{
    /// <summary>The piece is between the agent and a client.</summary>
    public const uint VDP_CLIENT_PORT = 1;

    /// <summary>The piece is between the agent and SPICE's server, which there is none of here.</summary>
    public const uint VDP_SERVER_PORT = 2;

    /// <summary>Bytes of a piece for an agent, which refuses more. Its own may be larger.</summary>
    public const int VD_AGENT_MAX_DATA_SIZE = 2048;

    [FieldOffset(0)] public uint Port;

    /// <summary>Bytes that follow.</summary>
    [FieldOffset(4)] public uint Size;
}
