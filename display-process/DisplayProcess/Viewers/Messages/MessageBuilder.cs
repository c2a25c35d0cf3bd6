using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace SplitVmm.DisplayProcess.Viewers.Messages;

/// <summary>
/// Writes messages behind each other into one growing buffer, little endian. A message is begun, its arguments are written in
/// the order of its signature, and it is ended.
/// </summary>
internal sealed class MessageBuilder
{
    private readonly ArrayBufferWriter<byte> _bytes = new(4096);
    private int _start;
    private int _bodyStart;

    /// <summary>Bytes of what was written and not cleared.</summary>
    public int Length => _bytes.WrittenCount;

    public ReadOnlySpan<byte> Written => _bytes.WrittenSpan;

    public void Clear() => _bytes.ResetWrittenCount();

    /// <summary>Lines of the authentication, which are no message.</summary>
    public void WriteLines(string lines)
    {
        int length = Encoding.ASCII.GetByteCount(lines);
        _ = Encoding.ASCII.GetBytes(lines, Take(length));
    }

    public void BeginCall(uint serial, string path, string @interface, string member, string signature, int descriptors = 0)
    {
        BeginHeader(MessageType.METHOD_CALL, 0, serial);
        Field(HeaderField.PATH, "o", path);
        Field(HeaderField.INTERFACE, "s", @interface);
        Field(HeaderField.MEMBER, "s", member);
        EndHeader(signature, descriptors);
    }

    /// <summary>An answer without arguments.</summary>
    public void BeginReturn(uint serial, uint to)
    {
        BeginHeader(MessageType.METHOD_RETURN, MessageLimits.NoReplyExpected, serial);
        Field(HeaderField.REPLY_SERIAL, to);
        EndHeader("", 0);
    }

    /// <summary>An error with a text, which is its only argument.</summary>
    public void BeginError(uint serial, uint to, string name)
    {
        BeginHeader(MessageType.ERROR, MessageLimits.NoReplyExpected, serial);
        Field(HeaderField.REPLY_SERIAL, to);
        Field(HeaderField.ERROR_NAME, "s", name);
        EndHeader("s", 0);
    }

    public void End() => Patch(_start + 4, (uint)(Length - _bodyStart));

    public void Write(uint value)
    {
        Pad(4);
        BinaryPrimitives.WriteUInt32LittleEndian(Take(4), value);
    }

    public void Write(int value) => Write((uint)value);

    public void Write(bool value) => Write(value ? 1u : 0u);

    public void Write(ulong value)
    {
        Pad(8);
        BinaryPrimitives.WriteUInt64LittleEndian(Take(8), value);
    }

    public void Write(string value)
    {
        int length = Encoding.UTF8.GetByteCount(value);
        Write((uint)length);
        _ = Encoding.UTF8.GetBytes(value, Take(length + 1));
    }

    /// <summary>An array of 32-bit numbers: <c>au</c>, or <c>ah</c>.</summary>
    public void Write(ReadOnlySpan<uint> values)
    {
        Write((uint)(values.Length * 4));
        foreach (uint value in values)
        {
            Write(value);
        }
    }

    /// <summary>An array of bytes, all of which the caller writes at once.</summary>
    public Span<byte> WriteBytes(int length)
    {
        Write((uint)length);
        Span<byte> bytes = _bytes.GetSpan(length)[..length];
        _bytes.Advance(length);
        return bytes;
    }

    private void BeginHeader(MessageType type, byte flags, uint serial)
    {
        // Alignment counts from the beginning of the message, which needs none itself.
        _start = Length;
        Span<byte> header = Take(MessageLimits.FixedHeader);
        header[0] = MessageLimits.LittleEndian;
        header[1] = (byte)type;
        header[2] = flags;
        header[3] = MessageLimits.ProtocolVersion;
        BinaryPrimitives.WriteUInt32LittleEndian(header[8..], serial);
    }

    private void EndHeader(string signature, int descriptors)
    {
        if (signature.Length > 0)
        {
            FieldType(HeaderField.SIGNATURE, "g");
            WriteSignature(signature);
        }

        if (descriptors > 0)
        {
            Field(HeaderField.UNIX_FDS, (uint)descriptors);
        }

        Patch(_start + 12, (uint)(Length - _start - MessageLimits.FixedHeader));
        Pad(8);
        _bodyStart = Length;
    }

    private void Field(HeaderField code, string type, string value)
    {
        FieldType(code, type);
        Write(value);
    }

    private void Field(HeaderField code, uint value)
    {
        FieldType(code, "u");
        Write(value);
    }

    private void FieldType(HeaderField code, string type)
    {
        Pad(8);
        Take(1)[0] = (byte)code;
        WriteSignature(type);
    }

    private void WriteSignature(string signature)
    {
        Span<byte> bytes = Take(signature.Length + 2);
        bytes[0] = (byte)signature.Length;
        _ = Encoding.ASCII.GetBytes(signature, bytes[1..]);
    }

    private void Pad(int alignment)
    {
        int position = Length - _start;
        int padding = MessageLimits.Align(position, alignment) - position;
        if (padding > 0)
        {
            _ = Take(padding);
        }
    }

    // Zeroed: a buffer that is used again has old bytes in it.
    private Span<byte> Take(int length)
    {
        Span<byte> bytes = _bytes.GetSpan(length)[..length];
        bytes.Clear();
        _bytes.Advance(length);
        return bytes;
    }

    private void Patch(int position, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(
        System.Runtime.InteropServices.MemoryMarshal.AsMemory(_bytes.WrittenMemory).Span[position..], value);
}
