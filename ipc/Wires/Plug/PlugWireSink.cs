using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Events;
using SplitVmm.Platform.Sockets;
using SplitVmm.Wires.Framing;

namespace SplitVmm.Wires.Plug;

/// <summary>A process's end of the plug wire. It sends nothing.</summary>
public sealed class PlugWireSink : IDisposable, IWireReceiver
{
    private const int TokensPerSecond = 1000;

    private readonly WireConnection _connection;
    private readonly IPlugWireHandler _handler;
    private readonly PlugRole[] _accepted;

    /// <summary>Starts to listen on <paramref name="loop"/>.</summary>
    /// <param name="socket">A connected seqpacket socket; owned from here on.</param>
    /// <param name="accepted">The roles that the handler has a place for; any other closes the wire.</param>
    public PlugWireSink(EventLoop loop, UnixSocket socket, IPlugWireHandler handler, params PlugRole[] accepted)
    {
        _handler = handler;
        _accepted = accepted;
        _connection = new WireConnection(loop, socket, this, PlugValidation.Sink, TokensPerSecond);
    }

    /// <summary>The supervisor's end is gone, or this object was disposed.</summary>
    public bool IsClosed => _connection.IsClosed;

    public void Dispose() => _connection.Dispose();

    int IWireReceiver.CostOf(uint type, int size) => 1;

    WireError? IWireReceiver.Greeted(ReadOnlySpan<byte> hello) => null;

    WireError? IWireReceiver.Receive(uint type, ReadOnlySpan<byte> body, List<Descriptor> descriptors) =>
        (PlugMessageType)type switch
        {
            PlugMessageType.Plug => ReceivePlug(body, descriptors),
            _ => PlugValidation.Error("message", "type", $"0x{type:x} does not belong here"),
        };

    void IWireReceiver.Writable()
    {
    }

    void IWireReceiver.Closed(WireError? error) => _handler.OnPlugWireClosed(error);

    private WireError? ReceivePlug(ReadOnlySpan<byte> body, List<Descriptor> descriptors)
    {
        WireError? error = WireBody.Read(PlugValidation.Wire, "plug", body, out PlugOrder order)
            ?? WireBody.CheckDescriptors(PlugValidation.Wire, "plug", descriptors, 1)
            ?? PlugValidation.Check(in order, _accepted)
            ?? PlugValidation.CheckSocket(descriptors[0]);
        if (error is not null)
        {
            return error;
        }

        UnixSocket socket = UnixSocket.Adopt(descriptors[0]);
        descriptors.Clear();
        _handler.OnPlug(in order, socket);
        return null;
    }
}
