using System.Buffers.Binary;

namespace SplitVmm.DisplayProcess.Viewers.Messages;

/// <summary>Reads values of a message that nobody has checked. Every method is false where the bytes are not what they must be.</summary>
internal ref struct MessageReader(ReadOnlySpan<byte> message, int position)
{
    private readonly ReadOnlySpan<byte> _message = message;

    /// <summary>Bytes from the beginning of the message.</summary>
    public int Position { get; private set; } = position;

    public bool TryReadByte(out byte value)
    {
        value = 0;
        if (Position >= _message.Length)
        {
            return false;
        }

        value = _message[Position++];
        return true;
    }

    public bool TryReadUInt32(out uint value)
    {
        value = 0;
        if (!TryAlign(4) || _message.Length - Position < 4)
        {
            return false;
        }

        value = BinaryPrimitives.ReadUInt32LittleEndian(_message[Position..]);
        Position += 4;
        return true;
    }

    /// <summary>A string or an object path, without the byte that ends it.</summary>
    public bool TryReadText(out ReadOnlySpan<byte> text)
    {
        text = default;
        return TryReadUInt32(out uint length) && TryTakeEnded(length, out text);
    }

    public bool TryReadSignature(out ReadOnlySpan<byte> signature)
    {
        signature = default;
        return TryReadByte(out byte length) && TryTakeEnded(length, out signature);
    }

    /// <summary>The length of an array in bytes, which lies in the message.</summary>
    public bool TryReadArray(int alignment, out int end)
    {
        end = 0;
        if (!TryReadUInt32(out uint length) || !TryAlign(alignment) || length > _message.Length - Position)
        {
            return false;
        }

        end = Position + (int)length;
        return true;
    }

    /// <summary>Steps over padding, which must be zero.</summary>
    public bool TryAlign(int alignment)
    {
        int next = MessageLimits.Align(Position, alignment);
        if (next > _message.Length || _message[Position..next].ContainsAnyExcept((byte)0))
        {
            return false;
        }

        Position = next;
        return true;
    }

    private bool TryTakeEnded(uint length, out ReadOnlySpan<byte> text)
    {
        text = default;
        if (length >= _message.Length - Position || _message[Position + (int)length] != 0)
        {
            return false;
        }

        text = _message.Slice(Position, (int)length);
        Position += (int)length + 1;
        return true;
    }
}
