using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Sockets;
using SplitVmm.Wires.Display;
using SplitVmm.Wires.Framing;

namespace SplitVmm.Ipc.Tests.Wires;

/// <summary>The other end of a wire without any of its manners: sends whatever bytes a test likes.</summary>
internal sealed class RawPeer(UnixSocket socket) : IDisposable
{
    public UnixSocket Socket { get; } = socket;

    public SocketStatus SendBytes(ReadOnlySpan<byte> bytes, params ReadOnlySpan<Descriptor> descriptors) =>
        Socket.Send(bytes, descriptors, out _);

    public SocketStatus Send<TBody>(uint type, TBody body, params ReadOnlySpan<Descriptor> descriptors)
        where TBody : unmanaged => SendBytes(Message(type, MemoryMarshal.AsBytes(new ReadOnlySpan<TBody>(in body))), descriptors);

    /// <summary>A frame of the display wire with one rectangle of damage, whatever its count says.</summary>
    public SocketStatus SendFrame(Frame frame, DamageRectangle damage, params ReadOnlySpan<Descriptor> descriptors)
    {
        byte[] body =
        [
            .. MemoryMarshal.AsBytes(new ReadOnlySpan<Frame>(in frame)),
            .. MemoryMarshal.AsBytes(new ReadOnlySpan<DamageRectangle>(in damage)),
        ];
        return SendBytes(Message((uint)DisplayMessageType.Frame, body), descriptors);
    }

    public static byte[] Message(uint type, ReadOnlySpan<byte> body)
    {
        int headerSize = Unsafe.SizeOf<WireHeader>();
        var message = new byte[headerSize + body.Length];
        MemoryMarshal.Write(message, new WireHeader { Type = type, Size = (uint)message.Length });
        body.CopyTo(message.AsSpan(headerSize));
        return message;
    }

    public void Dispose() => Socket.Dispose();
}
