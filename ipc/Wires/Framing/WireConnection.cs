using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Events;
using SplitVmm.Platform.Sockets;

namespace SplitVmm.Wires.Framing;

/// <summary>
/// Frames messages on one seqpacket socket, driven by an event loop, never blocking. It sees that both ends say
/// hello first, checks what all messages have in common (header, length, truncation), bounds the peer's rate by
/// pausing the reading (the peer then sees a full socket), and closes every descriptor that nobody took. Not
/// thread-safe: all calls on the loop's thread. Sending and receiving allocate nothing.
/// </summary>
internal sealed class WireConnection : IDisposable
{
    // Other watches of the same loop must get their turn while a peer floods this one.
    private const int MessagesPerWake = 64;

    private readonly EventLoop _loop;
    private readonly UnixSocket _socket;
    private readonly IWireReceiver _receiver;
    private readonly WireEnd _end;
    private readonly byte[] _incoming;
    private readonly byte[] _outgoing;
    private readonly List<Descriptor> _descriptors = new(4);
    private ReceiveBudget _budget;
    private Watch? _watch;
    private TimerFd? _pause;
    private Watch? _pauseWatch;
    private byte[]? _unsaidHello;
    private bool _isGreeted;
    private bool _wantWritable;
    private bool _held;
    private bool _pausing;

    /// <param name="socket">A connected seqpacket socket; owned from here on.</param>
    /// <param name="tokensPerSecond">The peer's budget, in the units of <see cref="IWireReceiver.CostOf"/>.</param>
    public WireConnection(EventLoop loop, UnixSocket socket, IWireReceiver receiver, WireEnd end, int tokensPerSecond)
    {
        _loop = loop;
        _socket = socket;
        _receiver = receiver;
        _end = end;
        _incoming = new byte[end.LargestMessage];
        _outgoing = new byte[end.LargestMessage];
        _budget = new ReceiveBudget(tokensPerSecond, Environment.TickCount64);
        _watch = loop.Add(socket, Readiness.In, OnReady);
    }

    /// <summary>The connection ended, by the peer, by an error or by <see cref="Dispose"/>.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>Both ends have said hello.</summary>
    public bool IsReady => _isGreeted && _unsaidHello is null && !IsClosed;

    /// <summary>Says hello, as soon as there is room for it.</summary>
    public void SayHello() => SayHello(default(WireHello));

    /// <summary>The same where a wire's hello says more.</summary>
    /// <param name="hello">Begins with a <see cref="WireHello"/>, which is filled in here.</param>
    public void SayHello<THello>(in THello hello, ReadOnlySpan<byte> trailer = default)
        where THello : unmanaged
    {
        Span<byte> message = Compose(WireHello.Type, in hello, trailer);
        MemoryMarshal.Write(message[Unsafe.SizeOf<WireHeader>()..], _end.Hello);
        _unsaidHello = Transmit(message, default) == SocketStatus.WouldBlock ? message.ToArray() : null;
    }

    /// <summary>
    /// Sends one message: header, <paramref name="body"/>, <paramref name="trailer"/>. The descriptors stay the
    /// caller's. After <see cref="SocketStatus.WouldBlock"/> nothing was sent, and <see cref="IWireReceiver.Greeted"/> or
    /// <see cref="IWireReceiver.Writable"/> follows.
    /// </summary>
    public SocketStatus Send<TBody>(
        uint type, in TBody body, ReadOnlySpan<byte> trailer = default, ReadOnlySpan<Descriptor> descriptors = default)
        where TBody : unmanaged
    {
        if (!IsReady)
        {
            return IsClosed ? SocketStatus.Closed : SocketStatus.WouldBlock;
        }

        return Transmit(Compose(type, in body, trailer), descriptors);
    }

    /// <summary>Reads nothing more, after the message that is being received, until <see cref="Resume"/>.</summary>
    public void Hold()
    {
        _held = true;
        _watch?.Dispose();
        _watch = null;
    }

    public void Resume()
    {
        _held = false;
        if (!IsClosed && _watch is null && !_pausing)
        {
            Watch();
        }
    }

    public void Dispose()
    {
        if (!IsClosed)
        {
            Release();
        }
    }

    private Span<byte> Compose<TBody>(uint type, in TBody body, ReadOnlySpan<byte> trailer)
        where TBody : unmanaged
    {
        int bodySize = Unsafe.SizeOf<TBody>();
        int size = Unsafe.SizeOf<WireHeader>() + bodySize + trailer.Length;
        Span<byte> message = _outgoing.AsSpan(0, size);
        MemoryMarshal.Write(message, new WireHeader { Type = type, Size = (uint)size });
        MemoryMarshal.Write(message[Unsafe.SizeOf<WireHeader>()..], in body);
        trailer.CopyTo(message[(Unsafe.SizeOf<WireHeader>() + bodySize)..]);
        return message;
    }

    private SocketStatus Transmit(ReadOnlySpan<byte> message, ReadOnlySpan<Descriptor> descriptors)
    {
        SocketStatus status = _socket.Send(message, descriptors, out _);
        if (status == SocketStatus.WouldBlock && !_wantWritable)
        {
            _wantWritable = true;
            _watch?.SetInterest(Readiness.In | Readiness.Out);
        }

        return status;
    }

    private void OnReady(Readiness ready)
    {
        if ((ready & Readiness.Out) != 0 && _wantWritable)
        {
            _wantWritable = false;
            _watch?.SetInterest(Readiness.In);
            OnWritable();
        }

        if ((ready & ~Readiness.Out) != 0)
        {
            for (int i = 0; i < MessagesPerWake && !IsClosed && _watch is not null; i++)
            {
                if (!ReceiveOne())
                {
                    break;
                }
            }
        }
    }

    private void OnWritable()
    {
        if (_unsaidHello is { } hello && Transmit(hello, default) != SocketStatus.WouldBlock)
        {
            _unsaidHello = null;
        }

        if (IsReady)
        {
            _receiver.Writable();
        }
    }

    private bool ReceiveOne()
    {
        SocketStatus status = _socket.Receive(_incoming, _descriptors, out int received);
        try
        {
            switch (status)
            {
                case SocketStatus.WouldBlock:
                    return false;
                case SocketStatus.Closed:
                    Close(null);
                    return false;
                case SocketStatus.Truncated:
                    Close(new WireError(_end.Wire, "header", "size", $"more than {_incoming.Length} bytes or too many descriptors"));
                    return false;
                default:
                    return Dispatch(_incoming.AsSpan(0, received));
            }
        }
        finally
        {
            foreach (Descriptor unclaimed in _descriptors)
            {
                unclaimed.Dispose();
            }

            _descriptors.Clear();
        }
    }

    private bool Dispatch(ReadOnlySpan<byte> message)
    {
        if (message.Length < Unsafe.SizeOf<WireHeader>())
        {
            Close(new WireError(_end.Wire, "header", "size", $"a datagram of {message.Length} bytes has no room for the header"));
            return false;
        }

        WireHeader header = MemoryMarshal.Read<WireHeader>(message);
        if (header.Size != message.Length)
        {
            Close(new WireError(_end.Wire, "header", "size", $"says {header.Size} in a datagram of {message.Length} bytes"));
            return false;
        }

        ReadOnlySpan<byte> body = message[Unsafe.SizeOf<WireHeader>()..];
        WireError? error = _isGreeted && header.Type != WireHello.Type
            ? _receiver.Receive(header.Type, body, _descriptors)
            : ReceiveHello(header.Type, body);
        if (error is not null)
        {
            Close(error);
            return false;
        }

        if (IsClosed)
        {
            return false;
        }

        int pause = _budget.Take(_receiver.CostOf(header.Type, message.Length), Environment.TickCount64);
        if (pause > 0)
        {
            Pause(pause);
        }

        return pause == 0 && !_held;
    }

    private WireError? ReceiveHello(uint type, ReadOnlySpan<byte> body)
    {
        if (_isGreeted || type != WireHello.Type)
        {
            return new WireError(_end.Wire, "message", "type", _isGreeted ? "a second hello" : $"0x{type:x} before the hello");
        }

        WireError? error = WireBody.CheckDescriptors(_end.Wire, "hello", _descriptors, 0) ?? _end.Check(body);
        _isGreeted = error is null;
        return error ?? _receiver.Greeted(body);
    }

    private void Pause(int milliseconds)
    {
        // The watch goes altogether: epoll reports a hang-up even to those who ask for nothing.
        _watch?.Dispose();
        _watch = null;
        _pausing = true;
        if (_pause is null)
        {
            _pause = TimerFd.Create();
            _pauseWatch = _loop.Add(_pause, Readiness.In, OnPauseOver);
        }

        _pause.Arm(TimeSpan.FromMilliseconds(milliseconds), TimeSpan.Zero);
    }

    private void OnPauseOver(Readiness ready)
    {
        if (!IsClosed && _pause!.TryDrain(out _))
        {
            _pausing = false;
            if (_watch is null && !_held)
            {
                Watch();
            }
        }
    }

    private void Watch() => _watch = _loop.Add(_socket, _wantWritable ? Readiness.In | Readiness.Out : Readiness.In, OnReady);

    private void Close(WireError? error)
    {
        if (!IsClosed)
        {
            Release();
            _receiver.Closed(error);
        }
    }

    private void Release()
    {
        IsClosed = true;
        _watch?.Dispose();
        _watch = null;
        _pauseWatch?.Dispose();
        _pause?.Dispose();
        _socket.Dispose();
    }
}
