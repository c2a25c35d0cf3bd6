using System.Runtime.InteropServices;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Errors;
using SplitVmm.Platform.Sockets;
using SplitVmm.VhostUser.Messages;

namespace SplitVmm.VhostUser.Transport;

/// <summary>
/// Frames messages on a stream socket, without blocking. A receive never asks for bytes beyond the current
/// message, so that the descriptors that arrive are the current message's.
/// </summary>
internal sealed class MessageChannel : IDisposable
{
    /// <summary>The most descriptors in one message: one for each region of a memory table.</summary>
    public const int MaxDescriptors = VhostUserMemoryHeader.VHOST_MEMORY_BASELINE_NREGIONS;

    private readonly byte[] _head = new byte[VhostUserHeader.SizeOf];
    private readonly byte[] _out = new byte[VhostUserHeader.SizeOf + VhostUserMessage.MaxPayload];
    private int _headReceived;
    private int _payloadReceived;
    private bool _isWhole;

    /// <param name="socket">A connected stream socket; owned from here on.</param>
    public MessageChannel(UnixSocket socket) => Socket = socket;

    public UnixSocket Socket { get; }

    /// <summary>The message being received; whole after <see cref="ReceiveStatus.Message"/>, until the next call.</summary>
    public VhostUserMessage Incoming { get; } = new();

    /// <summary>What was wrong, after <see cref="ReceiveStatus.Malformed"/>.</summary>
    public string Fault { get; private set; } = "";

    /// <summary>Reads what has arrived of the next message.</summary>
    public ReceiveStatus Receive()
    {
        if (_isWhole)
        {
            Incoming.Clear();
            _isWhole = false;
            _headReceived = 0;
            _payloadReceived = 0;
        }

        try
        {
            return ReceiveHead() is { } unfinished ? unfinished : ReceivePayload();
        }
        catch (ErrnoException exception)
        {
            // Whatever is wrong with this socket is the peer's affair or its end; it ends this connection only.
            return Malformed(exception.Message);
        }
    }

    /// <summary>Sends one message; nothing is kept for later, a socket that takes no more bytes is an outcome.</summary>
    public SocketStatus Send(uint request, uint flags, ReadOnlySpan<byte> payload, ReadOnlySpan<Descriptor> descriptors, out int sent)
    {
        int length = VhostUserHeader.WriteMessage(_out, request, flags | VhostUserHeader.VHOST_USER_VERSION, payload);
        return Send(_out.AsSpan(0, length), descriptors, out sent);
    }

    /// <summary>The rest of a message that <see cref="Send(uint, uint, ReadOnlySpan{byte}, ReadOnlySpan{Descriptor}, out int)"/> sent in part.</summary>
    public SocketStatus SendRest(int length, int alreadySent, out int sent) =>
        Send(_out.AsSpan(alreadySent, length - alreadySent), [], out sent);

    public void Dispose()
    {
        Incoming.Dispose();
        Socket.Dispose();
    }

    private SocketStatus Send(ReadOnlySpan<byte> bytes, ReadOnlySpan<Descriptor> descriptors, out int sent)
    {
        try
        {
            return Socket.Send(bytes, descriptors, out sent);
        }
        catch (ErrnoException exception)
        {
            // The descriptor may be anything, for example no socket at all: it is of no use either way.
            Fault = exception.Message;
            sent = 0;
            return SocketStatus.Closed;
        }
    }

    private ReceiveStatus? ReceiveHead()
    {
        while (_headReceived < VhostUserHeader.SizeOf)
        {
            SocketStatus status = Socket.Receive(_head.AsSpan(_headReceived), Incoming.Descriptors, out int received);
            if (status != SocketStatus.Done)
            {
                return Unfinished(status, atStart: _headReceived == 0);
            }

            _headReceived += received;
            if (_headReceived < VhostUserHeader.SizeOf)
            {
                continue;
            }

            Incoming.Header = MemoryMarshal.Read<VhostUserHeader>(_head);
            uint version = Incoming.Header.Flags & VhostUserHeader.VHOST_USER_VERSION_MASK;
            if (version != VhostUserHeader.VHOST_USER_VERSION)
            {
                return Malformed($"version {version} in a message header, not {VhostUserHeader.VHOST_USER_VERSION}");
            }

            if (Incoming.Header.Size > VhostUserMessage.MaxPayload)
            {
                return Malformed($"a payload of {Incoming.Header.Size} bytes, more than any message has");
            }
        }

        return null;
    }

    private ReceiveStatus ReceivePayload()
    {
        while (_payloadReceived < (int)Incoming.Header.Size)
        {
            Span<byte> rest = Incoming.PayloadBuffer[_payloadReceived..];
            SocketStatus status = Socket.Receive(rest, Incoming.Descriptors, out int received);
            if (status != SocketStatus.Done)
            {
                return Unfinished(status, atStart: false);
            }

            _payloadReceived += received;
        }

        _isWhole = true;
        return Incoming.Descriptors.Count > MaxDescriptors
            ? Malformed($"{Incoming.Descriptors.Count} descriptors with one message, more than {MaxDescriptors}")
            : ReceiveStatus.Message;
    }

    private ReceiveStatus Unfinished(SocketStatus status, bool atStart) => status switch
    {
        SocketStatus.WouldBlock => ReceiveStatus.Incomplete,
        SocketStatus.Closed when atStart => ReceiveStatus.Closed,
        SocketStatus.Closed => Malformed("the connection ended inside a message"),
        _ => Malformed("descriptors were lost on the way: too many with one message, or too many open here"),
    };

    private ReceiveStatus Malformed(string fault)
    {
        Fault = fault;
        Incoming.Clear();
        return ReceiveStatus.Malformed;
    }
}
