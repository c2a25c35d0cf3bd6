using System.Diagnostics;
using System.Runtime.InteropServices;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Events;
using SplitVmm.Platform.Sockets;
using SplitVmm.VhostUser.Messages;
using SplitVmm.VhostUser.Transport;

namespace SplitVmm.VhostUser.BackEnd;

/// <summary>The back end's end of the channel for its own requests (SET_BACKEND_REQ_FD).</summary>
internal sealed class BackEndChannel : IDisposable
{
    /// <summary>A front end that takes longer has stopped.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    private readonly MessageChannel _channel;

    /// <param name="socket">Owned from here on.</param>
    public BackEndChannel(UnixSocket socket) => _channel = new MessageChannel(socket);

    /// <summary>What was wrong, after <see cref="TryOrder"/> returned false.</summary>
    public string Fault { get; private set; } = "";

    /// <summary>
    /// Sends CONFIG_CHANGE_MSG without asking for a reply. A socket full of notices not yet read is as good as one
    /// more notice.
    /// </summary>
    /// <returns>False if the channel is of no use any more.</returns>
    public bool NotifyConfigChanged()
    {
        SocketStatus status = _channel.Send((uint)VhostUserBackEndRequest.CONFIG_CHANGE_MSG, 0, [], [], out int sent);
        return status == SocketStatus.WouldBlock || (status == SocketStatus.Done && sent == VhostUserHeader.SizeOf);
    }

    /// <summary>Sends a request that the front end acknowledges, and waits for that.</summary>
    /// <param name="done">Whether it was done; else the front end has refused it.</param>
    /// <returns>False if the channel is of no use any more.</returns>
    public bool TryOrder(VhostUserBackEndRequest request, in VhostUserMMap payload, Descriptor? file, out bool done)
    {
        done = false;
        long deadline = Stopwatch.GetTimestamp() + (long)(s_patience.TotalSeconds * Stopwatch.Frequency);
        return TrySend(request, payload, file, deadline) && TryReceive(request, deadline, out done);
    }

    public void Dispose() => _channel.Dispose();

    private bool TrySend(VhostUserBackEndRequest request, in VhostUserMMap payload, Descriptor? file, long deadline)
    {
        ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes(new ReadOnlySpan<VhostUserMMap>(in payload));
        ReadOnlySpan<Descriptor> descriptors = file is null ? [] : [file];
        int length = VhostUserHeader.SizeOf + bytes.Length;
        int done = 0;
        while (done < length)
        {
            SocketStatus status = done == 0
                ? _channel.Send((uint)request, VhostUserHeader.VHOST_USER_NEED_REPLY_MASK, bytes, descriptors, out int sent)
                : _channel.SendRest(length, done, out sent);
            done += sent;
            if (status == SocketStatus.Closed
                || (status == SocketStatus.WouldBlock && !Poll.WaitUntil(_channel.Socket, Readiness.Out, deadline)))
            {
                Fault = status == SocketStatus.Closed ? "it closed the channel" : "it reads nothing";
                return false;
            }
        }

        return true;
    }

    private bool TryReceive(VhostUserBackEndRequest request, long deadline, out bool done)
    {
        done = false;
        ReceiveStatus status;
        do
        {
            // Waiting comes first: the answer is never there yet, and the guest waits for every system call made here.
            if (!Poll.WaitUntil(_channel.Socket, Readiness.In, deadline))
            {
                Fault = $"nothing within {s_patience.TotalSeconds} s";
                return false;
            }

            status = _channel.Receive();
        }
        while (status == ReceiveStatus.Incomplete);

        VhostUserMessage reply = _channel.Incoming;
        if (status != ReceiveStatus.Message || !reply.IsReply || reply.Header.Request != (uint)request
            || reply.Payload.Length != sizeof(ulong) || reply.Descriptors.Count != 0)
        {
            Fault = status == ReceiveStatus.Message ? "a wrong answer" : _channel.Fault;
            return false;
        }

        done = reply.Read<ulong>() == 0;
        return true;
    }
}
