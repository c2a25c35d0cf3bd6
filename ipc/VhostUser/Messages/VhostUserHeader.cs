using System.Runtime.InteropServices;

namespace SplitVmm.VhostUser.Messages;

/// <summary>The head of every message (vhost-user specification, "Header"), 12 bytes, host byte order.</summary>
[StructLayout(LayoutKind.Explicit, Size = 12)]
public struct VhostUserHeader
{
    /// <summary>The protocol version, in the lower two bits of <see cref="Flags"/>.</summary>
    public const uint VHOST_USER_VERSION = 1;

    /// <summary>Mask of the version in <see cref="Flags"/>.</summary>
    public const uint VHOST_USER_VERSION_MASK = 3;

    /// <summary>The message is a reply.</summary>
    public const uint VHOST_USER_REPLY_MASK = 1 << 2;

    /// <summary>The sender wants a reply to a request that has none by itself (REPLY_ACK).</summary>
    public const uint VHOST_USER_NEED_REPLY_MASK = 1 << 3;

    /// <summary>Bytes of this structure.</summary>
    public const int SizeOf = 12;

    [FieldOffset(0)]
    public uint Request;

    [FieldOffset(4)]
    public uint Flags;

    /// <summary>Bytes of payload that follow.</summary>
    [FieldOffset(8)]
    public uint Size;
}
