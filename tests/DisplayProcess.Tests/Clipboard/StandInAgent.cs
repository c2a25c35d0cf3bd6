using System.Buffers.Binary;
using System.Text;
using SplitVmm.Platform.Events;
using SplitVmm.Platform.Sockets;
using SplitVmm.Wires.Agent;
using SplitVmm.Wires.Framing;

namespace SplitVmm.DisplayProcess.Tests.Clipboard;

/// <summary>
/// A guest's agent with vmm-core around it: speaks the agent protocol by what <c>vd_agent.h</c> says, in plain numbers, and
/// asks at once for what it is told of. All on the loop's thread.
/// </summary>
internal sealed class StandInAgent : IAgentWirePortHandler, IDisposable
{
    public const uint Text = 4;
    public const uint Capabilities = 6;
    public const uint Grab = 7;
    public const uint Request = 8;
    public const uint Release = 9;
    public const uint Limit = 14;

    /// <summary>By demand, with selections, with a limit, no release before a grab: as the agent of Linux guests.</summary>
    public const uint AsLinux = (1 << 5) | (1 << 6) | (1 << 10) | (1 << 16);

    private readonly AgentWirePort _wire;
    private readonly Queue<byte[]> _unsent = [];
    private readonly List<byte> _bytes = [];
    private readonly List<byte> _stream = [];
    private byte[] _copied = [];

    public StandInAgent(EventLoop loop, UnixSocket socket) => _wire = new AgentWirePort(loop, socket, this);

    /// <summary>What it says that it can.</summary>
    public uint Can { get; init; } = AsLinux;

    /// <summary>It asks for what it is told of, and answers.</summary>
    public bool IsPolite { get; set; } = true;

    /// <summary>Bytes of a piece that it sends: agents have a whole message in one.</summary>
    public int Piece { get; init; } = int.MaxValue;

    /// <summary>Messages in this session, by their type.</summary>
    public List<(uint Type, byte[] Body)> Messages { get; } = [];

    /// <summary>The texts that it got.</summary>
    public List<string> Texts { get; } = [];

    public int HangUps { get; private set; }

    public int LargestPiece { get; private set; }

    public bool IsClosed => _wire.IsClosed;

    private bool HasSelections => (Can & (1 << 6)) != 0;

    /// <summary>Begins a session, as soon as the other end is there.</summary>
    public void Open() => _ = _wire.Open();

    /// <summary>As after a restart of the agent or of the guest.</summary>
    public void Reopen()
    {
        _wire.Close();
        _unsent.Clear();
        _bytes.Clear();
        _stream.Clear();
        Messages.Clear();
        Open();
    }

    public void Hold() => _wire.Hold();

    /// <summary>A user of the guest copies a text.</summary>
    public void Copy(string text)
    {
        _copied = Encoding.UTF8.GetBytes(text);
        Send(Grab, [.. Selection(), 1, 0, 0, 0]);
    }

    public void Announce(uint request) => Send(Capabilities, [.. Word(request), .. Word(Can)]);

    public void Send(uint type, byte[] body, uint protocol = 1, uint? size = null)
    {
        byte[] message = [.. Word(protocol), .. Word(type), .. new byte[8], .. Word(size ?? (uint)body.Length), .. body];
        foreach (byte[] piece in message.Chunk(Piece))
        {
            SendBytes([.. Word(1), .. Word((uint)piece.Length), .. piece]);
        }
    }

    public void SendBytes(byte[] bytes)
    {
        foreach (byte[] part in bytes.Chunk(AgentProtocol.MaxData))
        {
            _unsent.Enqueue(part);
        }

        OnWritable();
    }

    public static byte[] Word(uint value) => BitConverter.GetBytes(value);

    public byte[] Selection(byte selection = 0) => HasSelections ? [selection, 0, 0, 0] : [];

    public void OnReady() => Open();

    public void OnHangUp()
    {
        HangUps++;
        Reopen();
    }

    public void OnWritable()
    {
        while (_unsent.TryPeek(out byte[]? part) && _wire.SendData(part) == SocketStatus.Done)
        {
            _ = _unsent.Dequeue();
        }
    }

    public void OnData(ReadOnlySpan<byte> data)
    {
        _bytes.AddRange(data);
        while (_bytes.Count >= 8 && _bytes.Count >= 8 + At(_bytes, 4))
        {
            int length = At(_bytes, 4);
            Assert(At(_bytes, 0) == 1 && length is > 0 and <= 2048, "a piece that no agent takes");
            LargestPiece = Math.Max(LargestPiece, length);
            _stream.AddRange(_bytes[8..(8 + length)]);
            _bytes.RemoveRange(0, 8 + length);
        }

        while (_stream.Count >= 20 && _stream.Count >= 20 + At(_stream, 16))
        {
            int length = At(_stream, 16);
            Assert(At(_stream, 0) == 1, "a message that no agent takes");
            uint type = (uint)At(_stream, 4);
            byte[] body = [.. _stream[20..(20 + length)]];
            _stream.RemoveRange(0, 20 + length);
            Messages.Add((type, body));
            if (IsPolite)
            {
                React(type, body);
            }
        }
    }

    public void OnClosed(WireError? violation) => Assert(violation is null, violation?.ToString() ?? "");

    public void Dispose() => _wire.Dispose();

    private void React(uint type, byte[] body)
    {
        int start = HasSelections ? 4 : 0;
        switch (type)
        {
            case Capabilities when body[0] != 0:
                Announce(0);
                break;
            case Grab:
                Assert(body.AsSpan(start).SequenceEqual(Word(1)), "a grab of something else than text");
                Send(Request, [.. Selection(), .. Word(1)]);
                break;
            case Request:
                Send(Text, [.. Selection(), .. Word(1), .. _copied]);
                break;
            case Text:
                Texts.Add(Encoding.UTF8.GetString(body.AsSpan(start + 4)));
                break;
        }
    }

    private static int At(List<byte> bytes, int offset) =>
        BinaryPrimitives.ReadInt32LittleEndian([bytes[offset], bytes[offset + 1], bytes[offset + 2], bytes[offset + 3]]);

    private static void Assert(bool condition, string problem)
    {
        if (!condition)
        {
            throw new InvalidOperationException(problem);
        }
    }
}
