using SplitVmm.Platform.Descriptors;

namespace SplitVmm.Wires.Framing;

/// <summary>The protocol above a <see cref="WireConnection"/>.</summary>
internal interface IWireReceiver
{
    /// <summary>Tokens that a message takes from the <see cref="ReceiveBudget"/>.</summary>
    int CostOf(uint type, int size);

    /// <summary>The peer has said hello, in which all is right that is the same on every wire. From here on both can send.</summary>
    /// <param name="hello">A <see cref="WireHello"/>, and what its wire says more.</param>
    /// <returns>Null, or what else is wrong; then the connection is closed.</returns>
    WireError? Greeted(ReadOnlySpan<byte> hello);

    /// <summary>
    /// One whole message, after the hello, whose header has been checked. Descriptors that are kept are taken out of
    /// <paramref name="descriptors"/>; the rest is closed afterwards.
    /// </summary>
    /// <returns>Null, or what is wrong; then the connection is closed.</returns>
    WireError? Receive(uint type, ReadOnlySpan<byte> body, List<Descriptor> descriptors);

    /// <summary>A send came back as <c>WouldBlock</c> earlier and is worth another try.</summary>
    void Writable();

    /// <summary>The peer went away (null) or broke the protocol. Nothing follows.</summary>
    void Closed(WireError? error);
}
