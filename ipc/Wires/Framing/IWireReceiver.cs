using SplitVmm.Platform.Descriptors;

namespace SplitVmm.Wires.Framing;

/// <summary>The protocol above a <see cref="WireConnection"/>.</summary>
internal interface IWireReceiver
{
    /// <summary>Tokens that a message takes from the <see cref="ReceiveBudget"/>.</summary>
    int CostOf(uint type, int size);

    /// <summary>
    /// One whole message whose header has been checked. Descriptors that are kept are taken out of
    /// <paramref name="descriptors"/>; the rest is closed afterwards.
    /// </summary>
    /// <returns>Null, or what is wrong; then the connection is closed.</returns>
    WireError? Receive(uint type, ReadOnlySpan<byte> body, List<Descriptor> descriptors);

    /// <summary>A send came back as <c>WouldBlock</c> earlier and is worth another try.</summary>
    void Writable();

    /// <summary>The peer went away (null) or broke the protocol. Nothing follows.</summary>
    void Closed(WireError? error);
}
