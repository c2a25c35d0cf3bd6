using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SplitVmm.Platform.Sockets;
using SplitVmm.Wires.Agent;

namespace SplitVmm.DisplayProcess.Clipboard.Vdagent;

/// <summary>
/// Messages that wait for the guest's agent to read, cut into its pieces. Each piece is one message of the wire. A text
/// that is sent several times is kept once.
/// </summary>
internal sealed class VDAgentWriter(AgentWireClient wire)
{
    /// <summary>More than an agent that reads what it asks for ever leaves.</summary>
    private const int MostWaiting = 32;

    private readonly Queue<Waiting> _waiting = [];
    private readonly byte[] _piece = new byte[Unsafe.SizeOf<VDIChunkHeader>() + VDIChunkHeader.VD_AGENT_MAX_DATA_SIZE];
    private int _sent;

    /// <summary>Sends a message as soon as possible.</summary>
    /// <param name="type">What it is.</param>
    /// <param name="start">The first bytes of its body.</param>
    /// <param name="rest">The others; not changed from here on.</param>
    /// <returns>False: the agent asks and reads no answers.</returns>
    public bool TrySend(VDAgentMessageType type, ReadOnlySpan<byte> start, ReadOnlyMemory<byte> rest = default)
    {
        if (_waiting.Count == MostWaiting)
        {
            return false;
        }

        var header = new VDAgentMessage
        {
            Protocol = VDAgentMessage.VD_AGENT_PROTOCOL,
            Type = type,
            Size = (uint)(start.Length + rest.Length),
        };
        _waiting.Enqueue(new Waiting([.. MemoryMarshal.AsBytes(new ReadOnlySpan<VDAgentMessage>(in header)), .. start], rest));
        Flush();
        return true;
    }

    /// <summary>Goes on where the wire was full.</summary>
    public void Flush()
    {
        while (_waiting.TryPeek(out Waiting? message))
        {
            int length = Fill(message);
            if (wire.SendData(_piece.AsSpan(0, Unsafe.SizeOf<VDIChunkHeader>() + length)) != SocketStatus.Done)
            {
                return;
            }

            _sent += length;
            if (_sent == message.Length)
            {
                _sent = 0;
                _ = _waiting.Dequeue();
            }
        }
    }

    /// <returns>Bytes of the message in the piece.</returns>
    private int Fill(Waiting message)
    {
        int length = Math.Min(message.Length - _sent, VDIChunkHeader.VD_AGENT_MAX_DATA_SIZE);
        MemoryMarshal.Write(_piece, new VDIChunkHeader { Port = VDIChunkHeader.VDP_CLIENT_PORT, Size = (uint)length });
        Span<byte> data = _piece.AsSpan(Unsafe.SizeOf<VDIChunkHeader>(), length);
        ReadOnlySpan<byte> start = message.Start.AsSpan(Math.Min(_sent, message.Start.Length));
        start = start[..Math.Min(start.Length, length)];
        start.CopyTo(data);
        message.Rest.Span.Slice(Math.Max(_sent - message.Start.Length, 0), length - start.Length).CopyTo(data[start.Length..]);
        return length;
    }

    private sealed record Waiting(byte[] Start, ReadOnlyMemory<byte> Rest)
    {
        public int Length => Start.Length + Rest.Length;
    }
}
