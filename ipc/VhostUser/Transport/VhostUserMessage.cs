using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SplitVmm.Platform.Descriptors;
using SplitVmm.VhostUser.Messages;

namespace SplitVmm.VhostUser.Transport;

/// <summary>
/// One received message: header, payload, and the descriptors that came with it. The object is used again for
/// the next message, and owns the descriptors that nobody has taken.
/// </summary>
internal sealed class VhostUserMessage : IDisposable
{
    /// <summary>
    /// The longest payload accepted. The longest that the specification has are the sizes of 256 shared memory
    /// regions (2056 bytes).
    /// </summary>
    public const int MaxPayload = 2056;

    private readonly byte[] _payload = new byte[MaxPayload];

    /// <summary>The header as received; its size is at most <see cref="MaxPayload"/>.</summary>
    public VhostUserHeader Header;

    /// <summary>Descriptors that came with the message, in order; those taken are gone from it.</summary>
    public List<Descriptor> Descriptors { get; } = [];

    public ReadOnlySpan<byte> Payload => _payload.AsSpan(0, (int)Header.Size);

    public bool IsReply => (Header.Flags & VhostUserHeader.VHOST_USER_REPLY_MASK) != 0;

    public bool NeedsReply => (Header.Flags & VhostUserHeader.VHOST_USER_NEED_REPLY_MASK) != 0;

    /// <summary>Where the payload is received.</summary>
    public Span<byte> PayloadBuffer => _payload.AsSpan(0, (int)Header.Size);

    /// <summary>The payload as a structure; what a shorter payload lacks is zero.</summary>
    public T Read<T>()
        where T : unmanaged
    {
        Span<byte> bytes = stackalloc byte[Unsafe.SizeOf<T>()];
        bytes.Clear();
        Payload[..Math.Min(bytes.Length, Payload.Length)].CopyTo(bytes);
        return MemoryMarshal.Read<T>(bytes);
    }

    /// <summary>Takes over the first descriptor that nobody has taken.</summary>
    public bool TryTakeDescriptor([NotNullWhen(true)] out Descriptor? descriptor)
    {
        descriptor = null;
        if (Descriptors.Count == 0)
        {
            return false;
        }

        descriptor = Descriptors[0];
        Descriptors.RemoveAt(0);
        return true;
    }

    /// <summary>Closes the descriptors that nobody has taken and makes the object ready for the next message.</summary>
    public void Clear()
    {
        foreach (Descriptor descriptor in Descriptors)
        {
            descriptor.Dispose();
        }

        Descriptors.Clear();
        Header = default;
    }

    public void Dispose() => Clear();
}
