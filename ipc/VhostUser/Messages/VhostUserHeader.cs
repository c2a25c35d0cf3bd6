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

    /// <summary>Writes a whole message: a header whose <see cref="Size"/> is that of the payload, and the payload.</summary>
    /// <param name="message">At least <see cref="SizeOf"/> bytes longer than the payload.</param>
    /// <param name="request">A <see cref="VhostUserRequest"/> or <see cref="VhostUserBackEndRequest"/>.</param>
    /// <param name="flags">All of them, the version too.</param>
    /// <param name="payload">The structure that belongs to the request.</param>
    /// <returns>The bytes written.</returns>
    public static int WriteMessage(Span<byte> message, uint request, uint flags, ReadOnlySpan<byte> payload)
    {
        MemoryMarshal.Write(message, new VhostUserHeader { Request = request, Flags = flags, Size = (uint)payload.Length });
        payload.CopyTo(message[SizeOf..]);
        return SizeOf + payload.Length;
    }
}
