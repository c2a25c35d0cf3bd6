using System.Diagnostics;
using System.Runtime.InteropServices;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Sockets;
using SplitVmm.VhostUser.Messages;

namespace SplitVmm.HostileGpu.Attacks;

/// <summary>A vhost-user back end that answers every request in the right form, unless it is told to answer otherwise.</summary>
internal sealed class BackEndScript(UnixSocket socket)
{
    /// <summary>What the real process offers without 3D and with blobs: a back end that offers less does not get to serve.</summary>
    private const ulong ServingFeatures =
        (1UL << 32) | (1UL << 30) | (1UL << 29) | (1UL << 28) | (1UL << 3) | (1UL << 2) | (1UL << 1);

    private const VhostUserProtocolFeatures Protocol = VhostUserProtocolFeatures.MQ | VhostUserProtocolFeatures.REPLY_ACK
        | VhostUserProtocolFeatures.BACKEND_REQ | VhostUserProtocolFeatures.CONFIG | VhostUserProtocolFeatures.STATUS;

    private const VhostUserProtocolFeatures ServingProtocol = Protocol | VhostUserProtocolFeatures.RESET_DEVICE
        | VhostUserProtocolFeatures.CONFIGURE_MEM_SLOTS | VhostUserProtocolFeatures.INFLIGHT_SHMFD | VhostUserProtocolFeatures.SHMEM;

    private const ulong Features = (1UL << 30) | (1UL << 32) | 3;

    private readonly byte[] _buffer = new byte[1 << 16];

    /// <summary>What a GPU of one scanout has: events, their clearing, scanouts, capsets.</summary>
    private static ReadOnlySpan<byte> Configuration => [0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0];

    /// <summary>Bytes of the host-visible window: with one, all is offered that it takes to serve the guest; 0: none.</summary>
    public ulong Window { get; init; }

    /// <summary>Changes an answer, or replaces it; null: there is none.</summary>
    public Func<VhostUserRequest, byte[], byte[]?> Change { get; init; } = (_, answer) => answer;

    /// <summary>Sends an answer.</summary>
    public Action<UnixSocket, byte[]> Send { get; init; } = (socket, answer) => _ = Pump.Send(socket, answer, Pump.Flood);

    /// <summary>The channel for requests of the back end, once the front end has given one.</summary>
    public UnixSocket? Requests { get; private set; }

    /// <summary>The eventfds by which the guest's queues are interrupted.</summary>
    public List<Descriptor> Calls { get; } = [];

    /// <summary>Answers until the front end closes or the time is over.</summary>
    public void Serve(TimeSpan time)
    {
        var clock = Stopwatch.StartNew();
        var descriptors = new List<Descriptor>();
        int have = 0;
        while (clock.Elapsed < time)
        {
            SocketStatus status = socket.Receive(_buffer.AsSpan(have), descriptors, out int received);
            if (status == SocketStatus.WouldBlock)
            {
                Thread.Sleep(1);
                continue;
            }

            if (status != SocketStatus.Done)
            {
                return;
            }

            have += received;
            while (have >= VhostUserHeader.SizeOf && have >= VhostUserHeader.SizeOf + PayloadSize)
            {
                int size = VhostUserHeader.SizeOf + PayloadSize;
                Take(_buffer.AsSpan(0, size), descriptors);
                _buffer.AsSpan(size, have - size).CopyTo(_buffer);
                have -= size;
            }
        }
    }

    private int PayloadSize => (int)MemoryMarshal.Read<VhostUserHeader>(_buffer).Size;

    private void Take(ReadOnlySpan<byte> message, List<Descriptor> descriptors)
    {
        VhostUserHeader header = MemoryMarshal.Read<VhostUserHeader>(message);
        var request = (VhostUserRequest)header.Request;
        if (request == VhostUserRequest.SET_BACKEND_REQ_FD && descriptors.Count == 1)
        {
            Requests = UnixSocket.Adopt(descriptors[0]);
        }
        else if (request == VhostUserRequest.SET_VRING_CALL)
        {
            Calls.AddRange(descriptors);
        }

        descriptors.Clear();
        byte[]? answer = Honest(request, message[VhostUserHeader.SizeOf..], (header.Flags & VhostUserHeader.VHOST_USER_NEED_REPLY_MASK) != 0);
        if (answer is not null && Change(request, answer) is { } changed)
        {
            Send(socket, changed);
        }
    }

    private byte[]? Honest(VhostUserRequest request, ReadOnlySpan<byte> payload, bool needsReply)
    {
        switch (request)
        {
            case VhostUserRequest.GET_FEATURES:
                return Message((uint)request, Number(Window == 0 ? Features : ServingFeatures));
            case VhostUserRequest.GET_PROTOCOL_FEATURES:
                return Message((uint)request, Number((ulong)(Window == 0 ? Protocol : ServingProtocol)));
            case VhostUserRequest.GET_SHMEM_CONFIG:
                byte[] sizes = new byte[8 + (8 * VhostUserShMemSizes.Count)];
                sizes[0] = 1;
                Number(Window).CopyTo(sizes, 16);
                return Message((uint)request, sizes);
            case VhostUserRequest.GET_QUEUE_NUM:
                return Message((uint)request, Number(2));
            case VhostUserRequest.GET_MAX_MEM_SLOTS:
                return Message((uint)request, Number(32));
            case VhostUserRequest.GET_STATUS:
                return Message((uint)request, Number(0xf));
            case VhostUserRequest.GET_VRING_BASE:
                return Message((uint)request, payload.ToArray());
            case VhostUserRequest.GET_CONFIG:
                byte[] body = payload.ToArray();
                Configuration[..Math.Min(Configuration.Length, body.Length - 12)].CopyTo(body.AsSpan(12));
                return Message((uint)request, body);
            default:
                return needsReply ? Message((uint)request, Number(0)) : null;
        }
    }

    /// <summary>A message with a header.</summary>
    public static byte[] Message(
        uint request, ReadOnlySpan<byte> payload, uint flags = VhostUserHeader.VHOST_USER_VERSION | VhostUserHeader.VHOST_USER_REPLY_MASK)
    {
        byte[] message = new byte[VhostUserHeader.SizeOf + payload.Length];
        _ = VhostUserHeader.WriteMessage(message, request, flags, payload);
        return message;
    }

    public static byte[] Number(ulong value) => BitConverter.GetBytes(value);
}
