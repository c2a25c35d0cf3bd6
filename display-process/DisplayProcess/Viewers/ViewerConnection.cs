using SplitVmm.DisplayProcess.Viewers.Messages;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Errors;
using SplitVmm.Platform.Events;
using SplitVmm.Platform.Sockets;
using SplitVmm.Wires.Framing;

namespace SplitVmm.DisplayProcess.Viewers;

/// <summary>
/// D-Bus from peer to peer on a viewer's socket, as the server of its authentication. The viewer is a stranger: what it sends is
/// checked and bounded, what it does not read waits here and holds up nobody, and whatever goes wrong ends this connection alone.
/// </summary>
internal sealed class ViewerConnection : IDisposable
{
    private const int MessagesPerSecond = 5000;

    // Other watches of the loop get their turn.
    private const int CallsPerWake = 16;

    // A viewer that asks and does not read the answers is none.
    private const int MostAnswersUnread = 64;

    private readonly UnixSocket _socket;
    private readonly IViewerPeer _peer;
    private readonly Handshake _handshake = new();
    private readonly byte[] _incoming = new byte[MessageLimits.LargestReceived];
    private readonly Queue<(int At, Descriptor[] Descriptors)> _descriptors = [];
    private readonly List<Descriptor> _received = [];
    private readonly TimerFd _pause = TimerFd.Create();
    private readonly Watch _pauseWatch;
    private readonly Watch _watch;
    private ReceiveBudget _budget = new(MessagesPerSecond, Environment.TickCount64);
    private int _filled;
    private int _sent;
    private uint _serial;
    private int _answersUnread;
    private Readiness _interest = Readiness.In;
    private bool _pausing;
    private bool _ended;

    /// <param name="socket">A connected stream socket; owned from here on.</param>
    public ViewerConnection(EventLoop loop, UnixSocket socket, IViewerPeer peer)
    {
        _socket = socket;
        _peer = peer;
        _pauseWatch = loop.Add(_pause, Readiness.In, _ => Resume());
        try
        {
            _watch = loop.Add(socket, Readiness.In, OnReady);
        }
        catch
        {
            _pauseWatch.Dispose();
            _pause.Dispose();
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Calls are written here, and then <see cref="Flush"/>ed.</summary>
    public MessageBuilder Outgoing { get; } = new();

    /// <summary>Nothing waits for the viewer to read.</summary>
    public bool IsDrained => _sent == Outgoing.Length;

    /// <summary>For the next call.</summary>
    public uint NextSerial()
    {
        // 0 is none; a viewer of four thousand million calls meets its first numbers again.
        _serial = _serial == uint.MaxValue ? 1 : _serial + 1;
        return _serial;
    }

    /// <summary>The call that is begun next brings these; they are owned from here on.</summary>
    public void Attach(Descriptor[] descriptors) => _descriptors.Enqueue((Outgoing.Length, descriptors));

    /// <summary>Sends what there is room for now, and the rest when there is.</summary>
    public void Flush()
    {
        if (_ended)
        {
            return;
        }

        try
        {
            Send();
        }
        catch (ErrnoException error)
        {
            End(error.Message);
        }
    }

    public void Dispose()
    {
        if (!_ended)
        {
            _ended = true;
            _watch.Dispose();
            _pauseWatch.Dispose();
            _pause.Dispose();
            _socket.Dispose();
            while (_descriptors.TryDequeue(out (int At, Descriptor[] Descriptors) item))
            {
                Array.ForEach(item.Descriptors, descriptor => descriptor.Dispose());
            }
        }
    }

    private void OnReady(Readiness ready)
    {
        try
        {
            if ((ready & Readiness.Out) != 0)
            {
                Send();
                if (!_ended && IsDrained)
                {
                    _peer.OnDrained();
                }
            }

            if (_pausing && (ready & (Readiness.Hangup | Readiness.Error)) != 0)
            {
                End(null);
            }

            for (int i = 0; i < CallsPerWake && (ready & ~Readiness.Out) != 0 && !_ended && !_pausing; i++)
            {
                if (!Receive())
                {
                    break;
                }
            }
        }
        catch (ErrnoException error)
        {
            End(error.Message);
        }
    }

    private void Send()
    {
        for (int i = 0; i < CallsPerWake && !IsDrained; i++)
        {
            bool brings = _descriptors.TryPeek(out (int At, Descriptor[] Descriptors) first) && first.At == _sent;
            // Descriptors go with the first byte of their own message.
            int end = brings ? _descriptors.Skip(1).Select(item => item.At).FirstOrDefault(Outgoing.Length)
                : _descriptors.Count > 0 ? first.At : Outgoing.Length;
            SocketStatus status = _socket.Send(Outgoing.Written[_sent..end], brings ? first.Descriptors : [], out int sent);
            if (status != SocketStatus.Done)
            {
                if (status == SocketStatus.Closed)
                {
                    End(null);
                }

                break;
            }

            _sent += sent;
            if (brings)
            {
                Array.ForEach(_descriptors.Dequeue().Descriptors, descriptor => descriptor.Dispose());
            }
        }

        if (_ended)
        {
            return;
        }

        if (IsDrained)
        {
            Outgoing.Clear();
            _sent = 0;
            _answersUnread = 0;
        }

        SetInterest();
    }

    private bool Receive()
    {
        SocketStatus status = _socket.Receive(_incoming.AsSpan(_filled), _received, out int received);
        if (_received.Count > 0)
        {
            _received.ForEach(descriptor => descriptor.Dispose());
            _received.Clear();
            End("it sent a descriptor that nobody asked for");
            return false;
        }

        switch (status)
        {
            case SocketStatus.WouldBlock:
                return false;
            case SocketStatus.Done:
                _filled += received;
                return TakeReceived();
            case SocketStatus.Closed:
                End(null);
                return false;
            default:
                End("it sent what cannot be received whole");
                return false;
        }
    }

    private bool TakeReceived()
    {
        int taken = 0;
        if (!_handshake.IsDone)
        {
            if (!_handshake.TryTake(_incoming.AsSpan(0, _filled), out taken, out string answer))
            {
                End("it does not authenticate itself as D-Bus has it");
                return false;
            }

            Outgoing.WriteLines(answer);
            Send();
            if (!_ended && _handshake.IsDone)
            {
                _peer.OnBegun();
            }
        }

        while (!_ended && _handshake.IsDone)
        {
            ReadOnlySpan<byte> rest = _incoming.AsSpan(taken, _filled - taken);
            if (!ReceivedMessage.TryMeasure(rest, out int length))
            {
                End("it sent what is no message of D-Bus, or too long a one");
                return false;
            }

            if (length == 0 || length > rest.Length)
            {
                break;
            }

            if (!ReceivedMessage.TryParse(rest[..length], out ReceivedMessage message))
            {
                End("it sent a malformed message of D-Bus");
                return false;
            }

            taken += length;
            Dispatch(in message);
        }

        if (_ended)
        {
            return false;
        }

        _incoming.AsSpan(taken, _filled - taken).CopyTo(_incoming);
        _filled -= taken;
        return !_pausing;
    }

    private void Dispatch(in ReceivedMessage message)
    {
        int rest = _budget.Take(1, Environment.TickCount64);
        if (rest > 0)
        {
            _pausing = true;
            _pause.Arm(TimeSpan.FromMilliseconds(rest), TimeSpan.Zero);
            SetInterest();
        }

        switch (message.Type)
        {
            case MessageType.METHOD_RETURN or MessageType.ERROR:
                _peer.OnAnswer(in message);
                break;
            case MessageType.METHOD_CALL when message.ExpectsReply:
                Answer(in message);
                break;
            default:
                // A signal, or a call that wants no answer: there is nothing here that it could change.
                break;
        }
    }

    private void Answer(in ReceivedMessage message)
    {
        if (++_answersUnread > MostAnswersUnread)
        {
            End("it asks and does not read the answers");
            return;
        }

        if (message.Interface.SequenceEqual("org.freedesktop.DBus.Peer"u8) && message.Member.SequenceEqual("Ping"u8))
        {
            Outgoing.BeginReturn(NextSerial(), message.Serial);
        }
        else
        {
            Outgoing.BeginError(NextSerial(), message.Serial, "org.freedesktop.DBus.Error.UnknownMethod");
            Outgoing.Write("on this connection the display calls, and the viewer answers");
        }

        Outgoing.End();
        Send();
    }

    private void Resume()
    {
        _ = _pause.TryDrain(out _);
        _pausing = false;
        SetInterest();
    }

    private void SetInterest()
    {
        Readiness wanted = (_pausing ? Readiness.None : Readiness.In) | (IsDrained ? Readiness.None : Readiness.Out);
        if (wanted != _interest)
        {
            _interest = wanted;
            _watch.SetInterest(wanted);
        }
    }

    private void End(string? reason)
    {
        if (!_ended)
        {
            Dispose();
            _peer.OnEnded(reason);
        }
    }
}
