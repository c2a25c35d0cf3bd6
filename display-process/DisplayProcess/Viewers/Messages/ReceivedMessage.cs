using System.Buffers.Binary;

namespace SplitVmm.DisplayProcess.Viewers.Messages;

/// <summary>A message of a viewer, as far as anybody here asks. What is wrong with it is a value, never an exception.</summary>
internal readonly ref struct ReceivedMessage
{
    private readonly ReadOnlySpan<byte> _message;
    private readonly int _body;

    private ReceivedMessage(ReadOnlySpan<byte> message, int body)
    {
        _message = message;
        _body = body;
    }

    public MessageType Type => (MessageType)_message[1];

    public bool ExpectsReply => Type == MessageType.METHOD_CALL && (_message[2] & MessageLimits.NoReplyExpected) == 0;

    public uint Serial => BinaryPrimitives.ReadUInt32LittleEndian(_message[8..]);

    /// <summary>Which call it answers; 0: none.</summary>
    public uint ReplySerial { get; private init; }

    public ReadOnlySpan<byte> Interface { get; private init; }

    public ReadOnlySpan<byte> Member { get; private init; }

    /// <summary>Types of the arguments.</summary>
    public ReadOnlySpan<byte> Signature { get; private init; }

    public MessageReader Body => new(_message, _body);

    /// <summary>How long the message is that begins here.</summary>
    /// <param name="bytes">What has arrived so far.</param>
    /// <param name="length">Bytes; 0 while that is not known.</param>
    /// <returns>False: no message begins so, or it is longer than a viewer has reason to send.</returns>
    public static bool TryMeasure(ReadOnlySpan<byte> bytes, out int length)
    {
        length = 0;
        if (bytes.Length < MessageLimits.FixedHeader)
        {
            return true;
        }

        uint body = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
        uint fields = BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]);
        if (bytes[0] != MessageLimits.LittleEndian || bytes[3] != MessageLimits.ProtocolVersion
            || body > MessageLimits.LargestReceived || fields > MessageLimits.LargestReceived)
        {
            return false;
        }

        length = MessageLimits.Align(MessageLimits.FixedHeader + (int)fields, 8) + (int)body;
        return length <= MessageLimits.LargestReceived;
    }

    /// <param name="bytes">One whole message, as measured.</param>
    public static bool TryParse(ReadOnlySpan<byte> bytes, out ReceivedMessage message)
    {
        message = default;
        var reader = new MessageReader(bytes, MessageLimits.FixedHeader - 4);
        if (bytes[1] is < (byte)MessageType.METHOD_CALL or > (byte)MessageType.SIGNAL
            || BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]) == 0 || !reader.TryReadArray(8, out int end))
        {
            return false;
        }

        uint replySerial = 0;
        ReadOnlySpan<byte> @interface = default;
        ReadOnlySpan<byte> member = default;
        ReadOnlySpan<byte> signature = default;
        while (reader.Position < end)
        {
            if (!reader.TryAlign(8) || !reader.TryReadByte(out byte code) || !reader.TryReadSignature(out ReadOnlySpan<byte> type) || type.Length != 1)
            {
                return false;
            }

            bool known = (char)type[0] switch
            {
                'u' => TryTakeNumber(ref reader, code, ref replySerial),
                'g' => TryTakeSignature(ref reader, code, ref signature),
                's' or 'o' => TryTakeText(ref reader, code, ref @interface, ref member),
                // No field has another type; a field that nobody knows could, and none is sent between two of one machine.
                _ => false,
            };
            if (!known)
            {
                return false;
            }
        }

        if (reader.Position != end || !reader.TryAlign(8))
        {
            return false;
        }

        message = new ReceivedMessage(bytes, reader.Position)
        {
            ReplySerial = replySerial,
            Interface = @interface,
            Member = member,
            Signature = signature,
        };
        return message.Type switch
        {
            MessageType.METHOD_CALL => member.Length > 0,
            MessageType.SIGNAL => true,
            _ => replySerial != 0,
        };
    }

    private static bool TryTakeNumber(ref MessageReader reader, byte code, ref uint replySerial)
    {
        bool read = reader.TryReadUInt32(out uint value);
        replySerial = code == (byte)HeaderField.REPLY_SERIAL ? value : replySerial;
        return read;
    }

    private static bool TryTakeSignature(ref MessageReader reader, byte code, ref ReadOnlySpan<byte> signature)
    {
        bool read = reader.TryReadSignature(out ReadOnlySpan<byte> value);
        signature = code == (byte)HeaderField.SIGNATURE ? value : signature;
        return read;
    }

    private static bool TryTakeText(ref MessageReader reader, byte code, ref ReadOnlySpan<byte> @interface, ref ReadOnlySpan<byte> member)
    {
        bool read = reader.TryReadText(out ReadOnlySpan<byte> value);
        switch ((HeaderField)code)
        {
            case HeaderField.INTERFACE:
                @interface = value;
                break;
            case HeaderField.MEMBER:
                member = value;
                break;
            default:
                break;
        }

        return read;
    }
}
