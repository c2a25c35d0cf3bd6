using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Events;
using SplitVmm.Platform.Sockets;
using SplitVmm.Wires.Framing;

namespace SplitVmm.Wires.Agent;

/// <summary>The end of the agent wire that speaks to the guest's agent: display-process. Never blocks, queues no bytes.</summary>
public sealed class AgentWireClient : IDisposable, IWireReceiver
{
    // Bytes, and the price of a message in them: what a guest may cost this process a second.
    private const int TokensPerSecond = 16 << 20;
    private const int MessageCost = 512;

    private readonly WireConnection _connection;
    private readonly IAgentWireClientHandler _handler;
    private bool _hangUpPending;
    private bool _isOpen;
    private bool _gaveUp;
    private uint _session;

    /// <summary>Starts to listen on <paramref name="loop"/> and says hello.</summary>
    /// <param name="socket">A connected seqpacket socket; owned from here on.</param>
    public AgentWireClient(EventLoop loop, UnixSocket socket, IAgentWireClientHandler handler)
    {
        _handler = handler;
        _connection = new WireConnection(loop, socket, this, AgentValidation.Client, TokensPerSecond);
        _connection.SayHello();
    }

    /// <summary>The other side is gone, or this object was disposed.</summary>
    public bool IsClosed => _connection.IsClosed;

    /// <summary>A session is on, and was not given up.</summary>
    public bool IsOpen => _isOpen && !_gaveUp && !IsClosed;

    /// <summary>Sends bytes to the guest's agent, in a session: all or, on WouldBlock, none.</summary>
    /// <param name="data">1 to <see cref="AgentProtocol.MaxData"/> bytes.</param>
    public SocketStatus SendData(ReadOnlySpan<byte> data) => IsOpen
        ? Send(AgentMessageType.Data, data)
        : SocketStatus.Closed;

    /// <summary>Gives the session up: nothing more of it arrives, and another may follow.</summary>
    public void HangUp()
    {
        if (IsOpen)
        {
            _gaveUp = true;
            _hangUpPending = true;
            Flush();
        }
    }

    public void Dispose() => _connection.Dispose();

    int IWireReceiver.CostOf(uint type, int size) => size + MessageCost;

    WireError? IWireReceiver.Greeted(ReadOnlySpan<byte> hello) => null;

    WireError? IWireReceiver.Receive(uint type, ReadOnlySpan<byte> body, List<Descriptor> descriptors)
    {
        WireError? error = WireBody.CheckDescriptors(AgentValidation.Wire, "message", descriptors, 0);
        if (error is not null)
        {
            return error;
        }

        return (AgentMessageType)type switch
        {
            AgentMessageType.Opened when !_isOpen => ReceiveOpened(body),
            AgentMessageType.Closed when _isOpen => ReceiveClosed(body),
            AgentMessageType.Data when _isOpen => ReceiveData(body),
            _ => AgentValidation.Error("message", "type", $"0x{type:x} does not belong here"),
        };
    }

    void IWireReceiver.Writable()
    {
        Flush();
        if (IsOpen)
        {
            _handler.OnWritable();
        }
    }

    void IWireReceiver.Closed(WireError? error) => _handler.OnClosed(error);

    private WireError? ReceiveOpened(ReadOnlySpan<byte> body)
    {
        WireError? error = WireBody.Read(AgentValidation.Wire, "opened", body, out AgentSession session)
            ?? AgentValidation.Check("opened", in session, _session + 1, uint.MaxValue);
        if (error is null)
        {
            _session = session.Number;
            _isOpen = true;
            _gaveUp = false;
            _handler.OnOpened();
        }

        return error;
    }

    private WireError? ReceiveClosed(ReadOnlySpan<byte> body)
    {
        WireError? error = WireBody.Read(AgentValidation.Wire, "closed", body, out AgentSession session)
            ?? AgentValidation.Check("closed", in session, _session, _session);
        if (error is null)
        {
            _isOpen = false;
            _hangUpPending = false;
            _handler.OnSessionOver();
        }

        return error;
    }

    private WireError? ReceiveData(ReadOnlySpan<byte> body)
    {
        WireError? error = WireBody.ReadWithTrailer(AgentValidation.Wire, "data", body, out AgentSession session, out ReadOnlySpan<byte> data)
            ?? AgentValidation.Check("data", in session, _session, _session)
            ?? AgentValidation.CheckData(data);
        if (error is null && !_gaveUp)
        {
            _handler.OnData(data);
        }

        return error;
    }

    private void Flush()
    {
        if (_hangUpPending)
        {
            _hangUpPending = Send(AgentMessageType.HangUp) == SocketStatus.WouldBlock;
        }
    }

    private SocketStatus Send(AgentMessageType type, ReadOnlySpan<byte> data = default)
    {
        var session = new AgentSession { Number = _session };
        return _connection.Send((uint)type, in session, data);
    }
}
