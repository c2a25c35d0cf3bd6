using System.Diagnostics;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Events;
using SplitVmm.Platform.Sockets;
using SplitVmm.VhostUser.Messages;
using SplitVmm.VhostUser.Transport;

namespace SplitVmm.VhostUser.FrontEnd;

/// <summary>
/// The front end's request socket: one request at a time, each with a deadline. The first thing that goes wrong
/// ends the link for good, because the stream cannot be followed after it.
/// </summary>
internal sealed class RequestLink : IDisposable
{
    private readonly Lock _gate = new();
    private readonly MessageChannel _channel;
    private readonly long _deadlineTicks;
    private readonly TimeSpan _deadline;
    private string? _lostReason;

    public RequestLink(UnixSocket socket, TimeSpan deadline)
    {
        _channel = new MessageChannel(socket);
        _deadline = deadline;
        _deadlineTicks = (long)(deadline.TotalSeconds * Stopwatch.Frequency);
    }

    public UnixSocket Socket => _channel.Socket;

    /// <summary>Why the link ended; null while it lives.</summary>
    public string? LostReason => Volatile.Read(ref _lostReason);

    /// <summary>Whether every request can be asked to be acknowledged (REPLY_ACK was negotiated).</summary>
    public bool AcknowledgesAll { get; set; }

    /// <summary>A request without an answer of its own; Refused if it is acknowledged with an error.</summary>
    public VhostUserResult Order(VhostUserRequest request, ReadOnlySpan<byte> payload, params ReadOnlySpan<Descriptor> descriptors)
    {
        lock (_gate)
        {
            bool acknowledge = AcknowledgesAll;
            uint flags = acknowledge ? VhostUserHeader.VHOST_USER_NEED_REPLY_MASK : 0;
            long deadline = Stopwatch.GetTimestamp() + _deadlineTicks;
            if (!TrySend(request, flags, payload, descriptors, deadline))
            {
                return VhostUserResult.Lost;
            }

            if (!acknowledge)
            {
                return VhostUserResult.Done;
            }

            if (!TryReceive(request, deadline))
            {
                return VhostUserResult.Lost;
            }

            if (_channel.Incoming.Payload.Length != sizeof(ulong) || _channel.Incoming.Descriptors.Count != 0)
            {
                return Lose($"a wrong acknowledgement of {request}");
            }

            return _channel.Incoming.Read<ulong>() == 0 ? VhostUserResult.Done : VhostUserResult.Refused;
        }
    }

    /// <summary>A request with an answer.</summary>
    /// <param name="request">Which.</param>
    /// <param name="payload">What goes with it.</param>
    /// <param name="answer">Takes the answer's payload, which must have this length; or be empty, where <paramref name="mayRefuse"/>.</param>
    /// <param name="mayRefuse">An empty payload means that the back end refuses.</param>
    public VhostUserResult Ask(VhostUserRequest request, ReadOnlySpan<byte> payload, Span<byte> answer, bool mayRefuse = false)
    {
        VhostUserResult result = Ask(request, payload, answer, mayRefuse, wantsDescriptor: false, out Descriptor? descriptor);
        descriptor?.Dispose();
        return result;
    }

    /// <inheritdoc cref="Ask(VhostUserRequest, ReadOnlySpan{byte}, Span{byte}, bool)"/>
    /// <param name="wantsDescriptor">Exactly one descriptor belongs to the answer; else none.</param>
    /// <param name="descriptor">The descriptor, owned by the caller.</param>
#pragma warning disable CS1573 // The other parameters are inherited.
    public VhostUserResult Ask(
        VhostUserRequest request, ReadOnlySpan<byte> payload, Span<byte> answer, bool mayRefuse, bool wantsDescriptor,
        out Descriptor? descriptor)
#pragma warning restore CS1573
    {
        descriptor = null;
        lock (_gate)
        {
            long deadline = Stopwatch.GetTimestamp() + _deadlineTicks;
            if (!TrySend(request, 0, payload, [], deadline) || !TryReceive(request, deadline))
            {
                return VhostUserResult.Lost;
            }

            VhostUserMessage reply = _channel.Incoming;
            if (mayRefuse && reply.Payload.IsEmpty && reply.Descriptors.Count == 0)
            {
                return VhostUserResult.Refused;
            }

            if (reply.Payload.Length != answer.Length)
            {
                return Lose($"an answer to {request} of {reply.Payload.Length} bytes instead of {answer.Length}");
            }

            if (reply.Descriptors.Count != (wantsDescriptor ? 1 : 0))
            {
                return Lose($"an answer to {request} with {reply.Descriptors.Count} descriptors");
            }

            reply.Payload.CopyTo(answer);
            _ = reply.TryTakeDescriptor(out descriptor);
            return VhostUserResult.Done;
        }
    }

    /// <summary>Ends the link. From any thread; the first reason counts. A request that waits ends at once.</summary>
    public VhostUserResult Lose(string reason)
    {
        if (Interlocked.CompareExchange(ref _lostReason, reason, null) is null)
        {
            Socket.Shutdown();
        }

        return VhostUserResult.Lost;
    }

    public void Dispose()
    {
        // First the reason, so that a request that holds the lock ends without waiting for its deadline.
        _ = Lose("closed by this front end");
        lock (_gate)
        {
            _channel.Dispose();
        }
    }

    private bool TrySend(
        VhostUserRequest request, uint flags, ReadOnlySpan<byte> payload, ReadOnlySpan<Descriptor> descriptors, long deadline)
    {
        if (LostReason is not null)
        {
            return false;
        }

        int length = VhostUserHeader.SizeOf + payload.Length;
        int done = 0;
        while (true)
        {
            SocketStatus status = done == 0
                ? _channel.Send((uint)request, flags, payload, descriptors, out int sent)
                : _channel.SendRest(length, done, out sent);
            done += sent;
            if (status == SocketStatus.Done && done == length)
            {
                return true;
            }

            if (status == SocketStatus.Closed)
            {
                _ = Lose("the back end closed the connection");
                return false;
            }

            if (status == SocketStatus.WouldBlock && !Poll.WaitUntil(Socket, Readiness.Out, deadline))
            {
                _ = Lose($"the back end did not take {request} within {_deadline.TotalSeconds} s");
                return false;
            }
        }
    }

    private bool TryReceive(VhostUserRequest request, long deadline)
    {
        while (true)
        {
            ReceiveStatus status = _channel.Receive();
            switch (status)
            {
                case ReceiveStatus.Message:
                    return IsReplyTo(request);
                case ReceiveStatus.Closed:
                    _ = Lose($"the back end closed the connection at {request}");
                    return false;
                case ReceiveStatus.Malformed:
                    _ = Lose($"in the answer to {request}: {_channel.Fault}");
                    return false;
                default:
                    if (!Poll.WaitUntil(Socket, Readiness.In, deadline))
                    {
                        _ = Lose($"the back end did not answer {request} within {_deadline.TotalSeconds} s");
                        return false;
                    }

                    break;
            }
        }
    }

    private bool IsReplyTo(VhostUserRequest request)
    {
        VhostUserMessage message = _channel.Incoming;
        if (message.IsReply && message.Header.Request == (uint)request)
        {
            return true;
        }

        _ = Lose($"message {message.Header.Request} (flags 0x{message.Header.Flags:x}) instead of an answer to {request}");
        return false;
    }
}
