using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Events;
using SplitVmm.Platform.Sockets;
using SplitVmm.VhostUser.Messages;
using SplitVmm.VhostUser.Transport;

namespace SplitVmm.VhostUser.BackEnd;

/// <summary>
/// One connection of a front end: receives requests, checks their form, has <see cref="BackEndDevice"/> carry them
/// out, and answers. It ends at the first message that cannot be right.
/// </summary>
internal sealed class BackEndSession : IDisposable
{
    /// <summary>Requests handled in one go, before other descriptors of the loop get their turn.</summary>
    private const int Batch = 16;

    private readonly MessageChannel _channel;
    private readonly Watch _watch;
    private readonly BackEndDevice _device;
    private readonly RequestHandler _handler;
    private readonly Action<string> _ended;
    private bool _isEnded;

    /// <param name="loop">Where the socket is watched.</param>
    /// <param name="socket">Owned from here on.</param>
    /// <param name="device">The state of the device for this connection; owned from here on.</param>
    /// <param name="ended">Told the reason, in one line, when the connection has ended by itself.</param>
    public BackEndSession(EventLoop loop, UnixSocket socket, BackEndDevice device, Action<string> ended)
    {
        _channel = new MessageChannel(socket);
        _device = device;
        _handler = new RequestHandler(device);
        _ended = ended;
        _watch = loop.Add(socket, Readiness.In, OnReadable);
    }

    public void NotifyConfigChanged() => _device.NotifyConfigChanged();

    public bool TryChangeSharedMemory(in VhostUserMMap range, Descriptor? file) => _device.TryChangeSharedMemory(range, file);

    /// <summary>Closes the connection, without telling of it, and resets the device.</summary>
    public void Dispose()
    {
        _isEnded = true;
        _watch.Dispose();
        _channel.Dispose();
        _device.Dispose();
    }

    private void OnReadable(Readiness readiness)
    {
        for (int i = 0; i < Batch && !_isEnded; i++)
        {
            switch (_channel.Receive())
            {
                case ReceiveStatus.Message:
                    Handle(_channel.Incoming);
                    break;
                case ReceiveStatus.Incomplete:
                    return;
                case ReceiveStatus.Closed:
                    End("the front end closed the connection");
                    return;
                default:
                    End(_channel.Fault);
                    return;
            }
        }
    }

    private void Handle(VhostUserMessage message)
    {
        var request = (VhostUserRequest)message.Header.Request;
        RequestOutcome outcome = CheckForm(request, message, out bool hasReply);
        if (outcome.Fault is null)
        {
            outcome = _handler.Carry(request, message);
        }

        bool acknowledge = !hasReply && message.NeedsReply
            && (_device.ProtocolFeatures & VhostUserProtocolFeatures.REPLY_ACK) != 0;
        if (outcome.Fault is { } fault && (outcome.IsFatal || (!acknowledge && !outcome.HasReply)))
        {
            // The front end would take silence for success, or wait for an answer that cannot come.
            End($"{Name(request)}: {fault}");
            return;
        }

        if (outcome.Fault is { } refusal)
        {
            _device.Log($"{Name(request)} refused: {refusal}");
        }

        if (outcome.HasReply)
        {
            Send(request, outcome.Reply.Span, outcome.ReplyDescriptor);
        }
        else if (acknowledge)
        {
            ulong status = outcome.Fault is null ? 0u : 1u;
            Send(request, MemoryMarshal.AsBytes(new ReadOnlySpan<ulong>(in status)), null);
        }

        message.Clear();
    }

    private RequestOutcome CheckForm(VhostUserRequest request, VhostUserMessage message, out bool hasReply)
    {
        hasReply = false;
        if (message.IsReply)
        {
            return RequestOutcome.Fatal("a reply where a request belongs");
        }

        if (!RequestRule.TryFind(request, out RequestRule rule))
        {
            return RequestOutcome.Refused("not known to this back end");
        }

        hasReply = rule.HasReply;
        int payload = message.Payload.Length;
        if (payload < rule.MinPayload || payload > rule.MaxPayload)
        {
            return RequestOutcome.Fatal($"{payload} bytes of payload instead of {rule.MinPayload} to {rule.MaxPayload}");
        }

        int descriptors = message.Descriptors.Count;
        if (descriptors < rule.MinDescriptors || descriptors > rule.MaxDescriptors)
        {
            return RequestOutcome.Fatal($"{descriptors} descriptors instead of {rule.MinDescriptors} to {rule.MaxDescriptors}");
        }

        return (_device.ProtocolFeatures & rule.Needs) == rule.Needs
            ? RequestOutcome.Done
            : RequestOutcome.Refused($"the protocol feature {rule.Needs} was not negotiated");
    }

    private void Send(VhostUserRequest request, ReadOnlySpan<byte> payload, Descriptor? descriptor)
    {
        ReadOnlySpan<Descriptor> descriptors = descriptor is null ? [] : [descriptor];
        SocketStatus status = _channel.Send(
            (uint)request, VhostUserHeader.VHOST_USER_REPLY_MASK, payload, descriptors, out int sent);
        descriptor?.Dispose();
        if (status != SocketStatus.Done || sent != Unsafe.SizeOf<VhostUserHeader>() + payload.Length)
        {
            // A front end reads each answer before it asks again, so the socket has room unless it misbehaves.
            End(status == SocketStatus.Closed ? "the front end closed the connection" : "the front end does not read its answers");
        }
    }

    private void End(string reason)
    {
        if (!_isEnded)
        {
            Dispose();
            _ended(reason);
        }
    }

    private static string Name(VhostUserRequest request) =>
        Enum.IsDefined(request) ? request.ToString() : $"request {(uint)request}";
}
