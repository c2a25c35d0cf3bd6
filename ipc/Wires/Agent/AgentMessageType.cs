namespace SplitVmm.Wires.Agent;

/// <summary>Message numbers of the agent wire.</summary>
public enum AgentMessageType : uint
{
    /// <summary>Both ways, first of all: <see cref="Framing.WireHello"/>.</summary>
    Hello = Framing.WireHello.Type,

    /// <summary>Port to client: the guest's program has opened the port, a session begins. <see cref="AgentSession"/>.</summary>
    Opened = 0x10,

    /// <summary>Port to client: the session is over. <see cref="AgentSession"/>.</summary>
    Closed = 0x11,

    /// <summary>
    /// Both ways, in a session: <see cref="AgentSession"/> and 1 to <see cref="AgentProtocol.MaxData"/> bytes. Those that the
    /// client sends in a session that is over are dropped.
    /// </summary>
    Data = 0x12,

    /// <summary>Client to port: what the guest sends in this session makes no sense; it is to be ended. <see cref="AgentSession"/>.</summary>
    HangUp = 0x20,
}
