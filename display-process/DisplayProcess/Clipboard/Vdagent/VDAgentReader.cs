using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SplitVmm.DisplayProcess.Clipboard.Vdagent;

/// <summary>
/// Puts messages together from the bytes of a port, however they are cut:
/// <code>
/// | VDIChunkHeader | bytes | VDIChunkHeader | bytes | … |      on the port
///                  | VDAgentMessage | body …                   of the pieces for the client
/// </code>
/// Agents send a message in one piece, however large, and a size costs nothing until the bytes come. Keeps one message of at most the largest size, and nothing of others.
/// </summary>
internal sealed class VDAgentReader(int largestBody)
{
    private const int OrdinaryBody = 256;

    private readonly byte[] _chunkHeader = new byte[Unsafe.SizeOf<VDIChunkHeader>()];
    private readonly byte[] _messageHeader = new byte[Unsafe.SizeOf<VDAgentMessage>()];
    private readonly byte[] _ordinary = new byte[OrdinaryBody];
    private byte[] _body = [];
    private VDAgentMessage _message;
    private int _chunkHeaderFill;
    private int _messageHeaderFill;
    private int _bodyFill;
    private uint _chunkPort;
    private uint _chunkLeft;
    private uint _bodyLeft;

    /// <summary>Reads what came, and hands over each message that is whole.</summary>
    /// <returns>Null, or what is wrong: nothing that follows can be made sense of.</returns>
    public string? Read(ReadOnlySpan<byte> data, IVDAgentHandler handler)
    {
        string? problem = null;
        while (!data.IsEmpty && problem is null)
        {
            if (_chunkLeft == 0)
            {
                Fill(_chunkHeader, ref _chunkHeaderFill, ref data);
                problem = _chunkHeaderFill == _chunkHeader.Length ? BeginChunk() : null;
                continue;
            }

            ReadOnlySpan<byte> piece = data[..(int)Math.Min(_chunkLeft, (uint)data.Length)];
            data = data[piece.Length..];
            _chunkLeft -= (uint)piece.Length;
            if (_chunkPort == VDIChunkHeader.VDP_CLIENT_PORT)
            {
                problem = ReadPiece(piece, handler);
            }
        }

        return problem;
    }

    private string? BeginChunk()
    {
        _chunkHeaderFill = 0;
        VDIChunkHeader header = MemoryMarshal.Read<VDIChunkHeader>(_chunkHeader);
        if (header.Port is not (VDIChunkHeader.VDP_CLIENT_PORT or VDIChunkHeader.VDP_SERVER_PORT))
        {
            return $"a piece for port {header.Port}";
        }

        _chunkPort = header.Port;
        _chunkLeft = header.Size;
        return null;
    }

    private string? ReadPiece(ReadOnlySpan<byte> piece, IVDAgentHandler handler)
    {
        while (!piece.IsEmpty)
        {
            if (_messageHeaderFill < _messageHeader.Length)
            {
                Fill(_messageHeader, ref _messageHeaderFill, ref piece);
                if (_messageHeaderFill == _messageHeader.Length && BeginMessage(handler) is { } wrong)
                {
                    return wrong;
                }
            }
            else
            {
                TakeBody(ref piece);
            }

            if (_messageHeaderFill == _messageHeader.Length && _bodyLeft == 0 && EndMessage(handler) is { } problem)
            {
                return problem;
            }
        }

        return null;
    }

    private string? BeginMessage(IVDAgentHandler handler)
    {
        _message = MemoryMarshal.Read<VDAgentMessage>(_messageHeader);
        if (_message.Protocol != VDAgentMessage.VD_AGENT_PROTOCOL)
        {
            return $"a message of protocol {_message.Protocol}";
        }

        _bodyFill = 0;
        _bodyLeft = _message.Size;
        if (_bodyLeft > largestBody)
        {
            _body = [];
            handler.OnTooLarge(_message.Type, _message.Size);
        }
        else
        {
            _body = _bodyLeft <= OrdinaryBody ? _ordinary : new byte[_bodyLeft];
        }

        return null;
    }

    private void TakeBody(ref ReadOnlySpan<byte> piece)
    {
        int length = (int)Math.Min(_bodyLeft, (uint)piece.Length);
        if (_message.Size <= largestBody)
        {
            piece[..length].CopyTo(_body.AsSpan(_bodyFill));
            _bodyFill += length;
        }

        _bodyLeft -= (uint)length;
        piece = piece[length..];
    }

    private string? EndMessage(IVDAgentHandler handler)
    {
        _messageHeaderFill = 0;
        byte[] body = _body;
        _body = [];
        return _message.Size <= largestBody ? handler.OnMessage(_message.Type, body.AsSpan(0, _bodyFill)) : null;
    }

    private static void Fill(byte[] buffer, ref int fill, ref ReadOnlySpan<byte> data)
    {
        int length = Math.Min(buffer.Length - fill, data.Length);
        data[..length].CopyTo(buffer.AsSpan(fill));
        fill += length;
        data = data[length..];
    }
}
