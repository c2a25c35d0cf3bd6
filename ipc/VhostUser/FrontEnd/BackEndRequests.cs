using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SplitVmm.Platform.Events;
using SplitVmm.Platform.Sockets;
using SplitVmm.VhostUser.Messages;
using SplitVmm.VhostUser.Transport;

namespace SplitVmm.VhostUser.FrontEnd;

/// <summary>
/// The front end's end of the channel for requests of the back end. What it does not serve is refused, and what is
/// no request at all ends the connection.
/// </summary>
internal sealed class BackEndRequests : IDisposable
{
    private readonly MessageChannel _channel;
    private readonly Watch _watch;
    private readonly IVhostUserFrontEndEvents _events;
    private readonly Action<string> _fault;
    private bool _isDisposed;

    /// <param name="loop">Where the socket is watched.</param>
    /// <param name="socket">Owned from here on.</param>
    /// <param name="events">Who carries the requests out.</param>
    /// <param name="fault">Told, in one line, of what no back end may send.</param>
    public BackEndRequests(EventLoop loop, UnixSocket socket, IVhostUserFrontEndEvents events, Action<string> fault)
    {
        _channel = new MessageChannel(socket);
        _events = events;
        _fault = fault;
        _watch = loop.Add(socket, Readiness.In, OnReadable);
    }

    /// <summary>Whether a back end may ask for replies (REPLY_ACK was negotiated).</summary>
    public bool Acknowledges { get; set; }

    /// <summary>Whether a back end may map into shared memory regions (SHMEM was negotiated).</summary>
    public bool MapsSharedMemory { get; set; }

    public void Dispose()
    {
        _isDisposed = true;
        _watch.Dispose();
        _channel.Dispose();
    }

    private void OnReadable(Readiness readiness)
    {
        // One request each time: back ends send the next one after the answer, so that a look for more would be in vain.
        switch (_channel.Receive())
        {
            case ReceiveStatus.Message:
                Handle(_channel.Incoming);
                break;
            case ReceiveStatus.Incomplete:
                break;
            case ReceiveStatus.Closed:
                // A back end may do without; if it is gone, the request socket says so.
                Dispose();
                break;
            default:
                Fail(_channel.Fault);
                break;
        }
    }

    private void Handle(VhostUserMessage message)
    {
        if (message.IsReply)
        {
            Fail("a reply where a request belongs");
            return;
        }

        var request = (VhostUserBackEndRequest)message.Header.Request;
        bool needsReply = message.NeedsReply;
        bool served = Serve(request, message);
        // Descriptors, if any came, go with this.
        message.Clear();

        if (needsReply && Acknowledges && !_isDisposed)
        {
            Acknowledge(request, served ? 0u : 1u);
        }
    }

    private bool Serve(VhostUserBackEndRequest request, VhostUserMessage message)
    {
        bool isRange = MapsSharedMemory && message.Payload.Length == Unsafe.SizeOf<VhostUserMMap>();
        switch (request)
        {
            case VhostUserBackEndRequest.CONFIG_CHANGE_MSG when message.Payload.IsEmpty:
                _events.ConfigChanged();
                return true;
            case VhostUserBackEndRequest.SHMEM_MAP when isRange && message.Descriptors.Count == 1:
                return _events.MapSharedMemory(message.Read<VhostUserMMap>(), message.Descriptors[0]);
            case VhostUserBackEndRequest.SHMEM_UNMAP when isRange && message.Descriptors.Count == 0:
                return _events.UnmapSharedMemory(message.Read<VhostUserMMap>());
            default:
                return false;
        }
    }

    private void Acknowledge(VhostUserBackEndRequest request, ulong status)
    {
        ReadOnlySpan<byte> payload = MemoryMarshal.AsBytes(new ReadOnlySpan<ulong>(in status));
        SocketStatus sending = _channel.Send((uint)request, VhostUserHeader.VHOST_USER_REPLY_MASK, payload, [], out int sent);
        if (sending == SocketStatus.WouldBlock || sent is not 0 and not (VhostUserHeader.SizeOf + sizeof(ulong)))
        {
            Fail("the back end does not read the answers that it asked for");
        }
    }

    private void Fail(string fault)
    {
        Dispose();
        _fault($"on the back end's request channel: {fault}");
    }
}
