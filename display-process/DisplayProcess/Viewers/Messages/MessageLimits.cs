namespace SplitVmm.DisplayProcess.Viewers.Messages;

/// <summary>Sizes that hold on the connection to a viewer.</summary>
internal static class MessageLimits
{
    /// <summary>Byte order little endian: both ends are on one machine.</summary>
    public const byte LittleEndian = (byte)'l';

    /// <summary>Major version of the protocol.</summary>
    public const byte ProtocolVersion = 1;

    /// <summary>Flag NO_REPLY_EXPECTED.</summary>
    public const byte NoReplyExpected = 1;

    /// <summary>Bytes of the fixed part of a header: up to the array of fields, with its length.</summary>
    public const int FixedHeader = 16;

    /// <summary>Bytes of the largest message of a viewer: it answers, and no answer is long.</summary>
    public const int LargestReceived = 64 << 10;

    /// <summary>Bytes of the largest array (D-Bus Specification, marshalling).</summary>
    public const int LargestArray = 64 << 20;

    public static int Align(int position, int alignment) => (position + alignment - 1) & -alignment;
}
