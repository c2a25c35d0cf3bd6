using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Events;
using SplitVmm.Platform.Sockets;
using SplitVmm.Wires.Agent;
using SplitVmm.Wires.Framing;

namespace SplitVmm.DisplayProcess.Tests.Clipboard;

/// <summary>
/// The agent wire's end that has a port, where the port is a socket: each connection is a session. All on the loop's thread.
/// </summary>
internal sealed class PortSocket : IAgentWirePortHandler, IDisposable
{
    private readonly EventLoop _loop;
    private readonly UnixListener _listener;
    private readonly Watch _listenerWatch;
    private readonly AgentWirePort _wire;
    private readonly byte[] _buffer = new byte[AgentProtocol.MaxData];
    private readonly List<byte> _unsent = [];
    private UnixSocket? _agent;
    private Watch? _agentWatch;
    private int _pending;

    public PortSocket(EventLoop loop, string path, UnixSocket wire)
    {
        _loop = loop;
        _listener = UnixListener.Bind(path);
        _listenerWatch = loop.Add(_listener, Readiness.In, _ => Accept());
        _wire = new AgentWirePort(loop, wire, this);
    }

    /// <summary>Sessions so far.</summary>
    public int Sessions { get; private set; }

    /// <summary>The client has given up so many.</summary>
    public int HangUps { get; private set; }

    /// <summary>As vmm-core closes the port when it has lost its client.</summary>
    public void EndSession()
    {
        _agentWatch?.Dispose();
        _agent?.Dispose();
        (_agent, _agentWatch, _pending) = (null, null, 0);
        _unsent.Clear();
        _wire.Close();
    }

    public void OnReady() => Read();

    public void OnWritable() => Read();

    public void OnData(ReadOnlySpan<byte> data)
    {
        _unsent.AddRange(data);
        Write();
    }

    public void OnHangUp()
    {
        HangUps++;
        EndSession();
    }

    public void OnClosed(WireError? violation)
    {
    }

    public void Dispose()
    {
        EndSession();
        _wire.Dispose();
        _listenerWatch.Dispose();
        _listener.Dispose();
    }

    private void Accept()
    {
        if (_listener.TryAccept(out UnixSocket? agent))
        {
            EndSession();
            Sessions++;
            _agent = agent;
            _agentWatch = _loop.Add(agent, Readiness.In, _ => OnAgent());
        }
    }

    private void OnAgent()
    {
        Write();
        Read();
    }

    private void Write()
    {
        if (_agent is { } agent && _unsent.Count > 0)
        {
            _ = agent.Send(_unsent.ToArray(), [], out int sent);
            _unsent.RemoveRange(0, sent);
            _agentWatch!.SetInterest(_unsent.Count > 0 ? Readiness.In | Readiness.Out : Readiness.In);
        }
    }

    private void Read()
    {
        if (_agent is not { } agent || (!_wire.IsOpen && _wire.Open() != SocketStatus.Done))
        {
            return;
        }

        // A piece at a time, and the same one again until the wire takes it: the loop runs both ends.
        if (_pending == 0)
        {
            SocketStatus status = agent.Receive(_buffer, new List<Descriptor>(), out _pending);
            if (status == SocketStatus.Closed)
            {
                EndSession();
            }
        }

        if (_pending > 0 && _wire.SendData(_buffer.AsSpan(0, _pending)) == SocketStatus.Done)
        {
            _pending = 0;
        }
    }
}
