using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Sockets;
using SplitVmm.Wires.Framing;

namespace SplitVmm.Wires.Plug;

/// <summary>
/// The supervisor's end of one process's plug wire. It never reads and never waits: a process that lets so many
/// plugs lie that the socket is full does not work any more.
/// </summary>
public sealed class PlugWireSource : IDisposable
{
    private readonly UnixSocket _socket;

    /// <summary>Says hello, which waits in the socket until the process reads it.</summary>
    /// <param name="socket">A connected seqpacket socket; owned from here on.</param>
    public PlugWireSource(UnixSocket socket)
    {
        _socket = socket;
        _ = Send(PlugMessageType.Hello, new WireHello { Magic = PlugProtocol.Magic, Version = PlugProtocol.Version }, []);
    }

    /// <summary>Hands the process a new end of a wire.</summary>
    /// <param name="socket">Stays the caller's, who closes it: an end that stayed open here would hide a death.</param>
    /// <returns><see cref="SocketStatus.Done"/>; Closed: the process is gone; WouldBlock: it does not read.</returns>
    public SocketStatus Plug(in PlugOrder order, Descriptor socket) =>
        Send(PlugMessageType.Plug, in order, new ReadOnlySpan<Descriptor>(in socket));

    public void Dispose() => _socket.Dispose();

    private SocketStatus Send<TBody>(PlugMessageType type, in TBody body, ReadOnlySpan<Descriptor> descriptors)
        where TBody : unmanaged
    {
        Span<byte> message = stackalloc byte[Unsafe.SizeOf<WireHeader>() + Unsafe.SizeOf<TBody>()];
        MemoryMarshal.Write(message, new WireHeader { Type = (uint)type, Size = (uint)message.Length });
        MemoryMarshal.Write(message[Unsafe.SizeOf<WireHeader>()..], in body);
        return _socket.Send(message, descriptors, out _);
    }
}
