using System.Runtime.InteropServices;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Events;
using SplitVmm.Platform.Sockets;
using SplitVmm.VhostUser.Messages;
using Xunit;

namespace SplitVmm.Ipc.Tests.VhostUser;

/// <summary>One end of a vhost-user socket driven byte by byte: it can send what a proper end would not.</summary>
internal sealed class RawPeer(UnixSocket socket) : IDisposable
{
    public const uint Version = VhostUserHeader.VHOST_USER_VERSION;
    public const uint Reply = VhostUserHeader.VHOST_USER_REPLY_MASK;
    public const uint NeedReply = VhostUserHeader.VHOST_USER_NEED_REPLY_MASK;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public UnixSocket Socket => socket;

    /// <summary>Sends a message whose header says the length of the payload.</summary>
    public void Send(VhostUserRequest request, ReadOnlySpan<byte> payload, params ReadOnlySpan<Descriptor> descriptors) =>
        Send((uint)request, Version, payload, descriptors);

    public void Send(uint request, uint flags, ReadOnlySpan<byte> payload, params ReadOnlySpan<Descriptor> descriptors)
    {
        byte[] message = new byte[VhostUserHeader.SizeOf + payload.Length];
        _ = VhostUserHeader.WriteMessage(message, request, flags, payload);
        SendBytes(message, descriptors);
    }

    public void Send<T>(VhostUserRequest request, T payload, params ReadOnlySpan<Descriptor> descriptors)
        where T : unmanaged => Send(request, MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in payload)), descriptors);

    /// <summary>Sends exactly these bytes.</summary>
    public void SendBytes(ReadOnlySpan<byte> bytes, params ReadOnlySpan<Descriptor> descriptors)
    {
        Assert.Equal(SocketStatus.Done, socket.Send(bytes, descriptors, out int sent));
        Assert.Equal(bytes.Length, sent);
    }

    /// <summary>Sends a request that must be acknowledged; needs REPLY_ACK.</summary>
    /// <returns>The acknowledgement: zero for success.</returns>
    public ulong Order<T>(VhostUserRequest request, T payload, params ReadOnlySpan<Descriptor> descriptors)
        where T : unmanaged
    {
        Send((uint)request, Version | NeedReply, MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in payload)), descriptors);
        (VhostUserHeader header, byte[] answer) = Receive();
        Assert.Equal((uint)request, header.Request);
        return MemoryMarshal.Read<ulong>(answer);
    }

    /// <summary>Negotiates everything that our back end offers but what <paramref name="without"/> says.</summary>
    public void Negotiate(VhostUserProtocolFeatures without = VhostUserProtocolFeatures.None)
    {
        Send(VhostUserRequest.GET_FEATURES, []);
        ulong features = MemoryMarshal.Read<ulong>(Receive().Payload);
        Send(VhostUserRequest.GET_PROTOCOL_FEATURES, []);
        ulong protocol = MemoryMarshal.Read<ulong>(Receive().Payload);
        Send(VhostUserRequest.SET_PROTOCOL_FEATURES, protocol & ~(ulong)without);
        Send(VhostUserRequest.SET_OWNER, []);
        Send(VhostUserRequest.SET_FEATURES, features);
    }

    /// <summary>Receives one whole message; its descriptors are closed.</summary>
    public (VhostUserHeader Header, byte[] Payload) Receive()
    {
        var header = MemoryMarshal.Read<VhostUserHeader>(ReceiveBytes(12));
        return (header, ReceiveBytes((int)header.Size));
    }

    /// <summary>Whether the other end closes within the test's patience; what it still sends is dropped.</summary>
    public bool IsClosedByPeer()
    {
        byte[] sink = new byte[4096];
        var descriptors = new List<Descriptor>();
        long deadline = Deadlines.In(Patience);
        while (Poll.WaitUntil(socket, Readiness.In, deadline))
        {
            SocketStatus status = socket.Receive(sink, descriptors, out _);
            descriptors.ForEach(static descriptor => descriptor.Dispose());
            if (status == SocketStatus.Closed)
            {
                return true;
            }
        }

        return false;
    }

    public void Dispose() => socket.Dispose();

    private byte[] ReceiveBytes(int length)
    {
        byte[] bytes = new byte[length];
        var descriptors = new List<Descriptor>();
        long deadline = Deadlines.In(Patience);
        for (int done = 0; done < length;)
        {
            Assert.True(Poll.WaitUntil(socket, Readiness.In, deadline), "nothing arrives");
            SocketStatus status = socket.Receive(bytes.AsSpan(done), descriptors, out int received);
            descriptors.ForEach(static descriptor => descriptor.Dispose());
            descriptors.Clear();
            Assert.Equal(SocketStatus.Done, status);
            done += received;
        }

        return bytes;
    }
}
