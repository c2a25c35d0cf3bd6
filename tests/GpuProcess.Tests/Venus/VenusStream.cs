using System.Buffers.Binary;

namespace SplitVmm.GpuProcess.Tests.Venus;

/// <summary>
/// Commands of Venus (<c>venus-protocol</c>, VK_MESA_venus_protocol) as a guest's Mesa encodes them: little-endian, a
/// pointer as 8 bytes that say whether something follows.
/// </summary>
internal sealed class VenusStream
{
    private const uint VK_COMMAND_TYPE_vkEnumerateInstanceVersion_EXT = 137;
    private const uint VK_COMMAND_TYPE_vkSetReplyCommandStreamMESA_EXT = 178;
    private const uint VK_COMMAND_GENERATE_REPLY_BIT_EXT = 1;

    private readonly List<byte> _bytes = [];

    public byte[] Bytes => [.. _bytes];

    /// <summary>Replies go to a resource from now on.</summary>
    public VenusStream SetReplyStream(uint resource, ulong offset, ulong size) =>
        Add(VK_COMMAND_TYPE_vkSetReplyCommandStreamMESA_EXT).Add(0).Add64(1).Add(resource).Add64(offset).Add64(size);

    /// <summary>Its reply is <see cref="ReadVersion"/>'s.</summary>
    public VenusStream EnumerateInstanceVersion() =>
        Add(VK_COMMAND_TYPE_vkEnumerateInstanceVersion_EXT).Add(VK_COMMAND_GENERATE_REPLY_BIT_EXT).Add64(1);

    /// <summary>The command that is answered, its VkResult, and the version of Vulkan.</summary>
    public static (uint Command, int Result, uint Major) ReadVersion(ReadOnlySpan<byte> reply)
    {
        const int Version = 16;
        return (
            BinaryPrimitives.ReadUInt32LittleEndian(reply),
            BinaryPrimitives.ReadInt32LittleEndian(reply[4..]),
            BinaryPrimitives.ReadUInt32LittleEndian(reply[Version..]) >> 22);
    }

    private VenusStream Add(uint word)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, word);
        _bytes.AddRange(bytes);
        return this;
    }

    private VenusStream Add64(ulong word) => Add((uint)word).Add((uint)(word >> 32));
}
