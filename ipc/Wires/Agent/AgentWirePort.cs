using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Events;
using SplitVmm.Platform.Sockets;
using SplitVmm.Wires.Framing;

namespace SplitVmm.Wires.Agent;

/// <summary>
/// The end of the agent wire that has the guest's port: vmm-core. The client is treated as hostile. Never blocks; what it
/// was asked to send and could not is the caller's to send again, but for the news that a session is over.
/// </summary>
public sealed class AgentWirePort : IDisposable, IWireReceiver
{
    // Bytes, and the price of a message in them.
    private const int TokensPerSecond = 64 << 20;
    private const int MessageCost = 512;

    private readonly WireConnection _connection;
    private readonly IAgentWirePortHandler _handler;
    private bool _closedPending;
    private bool _isOpen;
    private uint _session;

    /// <summary>Starts to listen on <paramref name="loop"/> and says hello.</summary>
    /// <param name="socket">A connected seqpacket socket; owned from here on.</param>
    public AgentWirePort(EventLoop loop, UnixSocket socket, IAgentWirePortHandler handler)
    {
        _handler = handler;
        _connection = new WireConnection(loop, socket, this, AgentValidation.Port, TokensPerSecond);
        _connection.SayHello();
    }

    /// <summary>The other side is gone, or this object was disposed.</summary>
    public bool IsClosed => _connection.IsClosed;

    /// <summary>Both ends have said hello.</summary>
    public bool IsReady => _connection.IsReady;

    /// <summary>A session is on.</summary>
    public bool IsOpen => _isOpen && !IsClosed;

    /// <summary>Begins a session, when the former is over.</summary>
    /// <returns>WouldBlock: not now, nothing has changed.</returns>
    public SocketStatus Open()
    {
        if (_isOpen || _closedPending)
        {
            return IsClosed ? SocketStatus.Closed : SocketStatus.WouldBlock;
        }

        SocketStatus status = Send(AgentMessageType.Opened, _session + 1);
        if (status == SocketStatus.Done)
        {
            _session++;
            _isOpen = true;
        }

        return status;
    }

    /// <summary>The session is over; the client learns of it as soon as possible.</summary>
    public void Close()
    {
        if (_isOpen)
        {
            _isOpen = false;
            _closedPending = true;
            Flush();
        }
    }

    /// <summary>Passes bytes of the guest's on, in a session: all or, on WouldBlock, none.</summary>
    /// <param name="data">1 to <see cref="AgentProtocol.MaxData"/> bytes.</param>
    public SocketStatus SendData(ReadOnlySpan<byte> data) => !IsClosed && _isOpen
        ? Send(AgentMessageType.Data, _session, data)
        : SocketStatus.Closed;

    /// <summary>Takes no more from the client until <see cref="Resume"/>: it then finds its socket full.</summary>
    public void Hold() => _connection.Hold();

    public void Resume() => _connection.Resume();

    public void Dispose() => _connection.Dispose();

    int IWireReceiver.CostOf(uint type, int size) => size + MessageCost;

    WireError? IWireReceiver.Greeted(ReadOnlySpan<byte> hello)
    {
        _handler.OnReady();
        return null;
    }

    WireError? IWireReceiver.Receive(uint type, ReadOnlySpan<byte> body, List<Descriptor> descriptors)
    {
        WireError? error = WireBody.CheckDescriptors(AgentValidation.Wire, "message", descriptors, 0);
        if (error is not null)
        {
            return error;
        }

        return (AgentMessageType)type switch
        {
            AgentMessageType.Data => ReceiveData(body),
            AgentMessageType.HangUp => ReceiveHangUp(body),
            _ => AgentValidation.Error("message", "type", $"0x{type:x} does not belong here"),
        };
    }

    void IWireReceiver.Writable()
    {
        Flush();
        _handler.OnWritable();
    }

    void IWireReceiver.Closed(WireError? error) => _handler.OnClosed(error);

    private WireError? ReceiveData(ReadOnlySpan<byte> body)
    {
        WireError? error = WireBody.ReadWithTrailer(AgentValidation.Wire, "data", body, out AgentSession session, out ReadOnlySpan<byte> data)
            ?? AgentValidation.Check("data", in session, 1, _session)
            ?? AgentValidation.CheckData(data);
        if (error is null && IsOn(in session))
        {
            _handler.OnData(data);
        }

        return error;
    }

    private WireError? ReceiveHangUp(ReadOnlySpan<byte> body)
    {
        WireError? error = WireBody.Read(AgentValidation.Wire, "hang-up", body, out AgentSession session)
            ?? AgentValidation.Check("hang-up", in session, 1, _session);
        if (error is null && IsOn(in session))
        {
            _handler.OnHangUp();
        }

        return error;
    }

    private bool IsOn(in AgentSession session) => _isOpen && session.Number == _session;

    private void Flush()
    {
        if (_closedPending)
        {
            _closedPending = Send(AgentMessageType.Closed, _session) == SocketStatus.WouldBlock;
        }
    }

    private SocketStatus Send(AgentMessageType type, uint number, ReadOnlySpan<byte> data = default)
    {
        var session = new AgentSession { Number = number };
        return _connection.Send((uint)type, in session, data);
    }
}
