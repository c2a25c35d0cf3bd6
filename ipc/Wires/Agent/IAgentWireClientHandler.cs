using SplitVmm.Wires.Framing;

namespace SplitVmm.Wires.Agent;

/// <summary>What display-process does with what the guest's agent says. All on the event loop's thread.</summary>
public interface IAgentWireClientHandler
{
    /// <summary>A session begins.</summary>
    void OnOpened();

    /// <summary>The session is over.</summary>
    void OnSessionOver();

    /// <summary>Bytes of the guest's, in the order in which it sent them. The span is valid during the call only.</summary>
    void OnData(ReadOnlySpan<byte> data);

    /// <summary>A send came back as WouldBlock earlier and is worth another try.</summary>
    void OnWritable();

    /// <summary>vmm-core is gone: it closed its end (null) or broke the protocol. No session is on any more.</summary>
    void OnClosed(WireError? violation);
}
