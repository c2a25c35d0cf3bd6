namespace SplitVmm.Wires.Agent;

/// <summary>
/// Numbers of the agent wire, version 1. It carries the bytes between a port of the guest's virtio-console, which
/// vmm-core has, and what speaks to the guest's agent in display-process. vmm-core does not look into the bytes. Both
/// ends send <see cref="Framing.WireHello"/> first.
/// <para>
/// A session is the time from the guest's program opening the port until it is closed, by the program, by a reset or
/// because the client gives up. All bytes of a session go over one wire, from the first on: a client that follows
/// another never begins in the midst of a message.
/// </para>
/// </summary>
public static class AgentProtocol
{
    /// <summary>"SVAGENT\0" in memory order.</summary>
    public const ulong Magic = 0x0054_4E45_4741_5653;

    public const uint Version = 1;

    /// <summary>Bytes of the guest's or for the guest in one message.</summary>
    public const int MaxData = 4096;

    /// <summary>Bytes of the largest message.</summary>
    public const int MaxMessageSize = 8 + 8 + MaxData;
}
