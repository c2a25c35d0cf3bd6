using SplitVmm.Wires.Framing;

namespace SplitVmm.Wires.Agent;

/// <summary>What vmm-core does with what a client says. All on the event loop's thread. The wire may be disposed from inside.</summary>
public interface IAgentWirePortHandler
{
    /// <summary>The client is there: sessions can begin.</summary>
    void OnReady();

    /// <summary>Bytes for the guest, of the session that is on. The span is valid during the call only.</summary>
    void OnData(ReadOnlySpan<byte> data);

    /// <summary>The client gives the session up that is on.</summary>
    void OnHangUp();

    /// <summary>A send came back as WouldBlock earlier and is worth another try.</summary>
    void OnWritable();

    /// <summary>The client is gone: it closed its end (null) or broke the protocol.</summary>
    void OnClosed(WireError? violation);
}
