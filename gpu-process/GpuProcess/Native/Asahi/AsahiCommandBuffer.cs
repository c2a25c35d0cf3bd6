using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static SplitVmm.GpuProcess.Native.Asahi.AsahiUapi;

namespace SplitVmm.GpuProcess.Native.Asahi;

/// <summary>
/// The command buffer of a submission: what the kernel reads of it, checked before. Addresses in it are those of the
/// guest's own address space on the GPU, and the GPU's to check.
/// </summary>
internal static class AsahiCommandBuffer
{
    /// <summary>Commands in one buffer; the kernel has a lower limit.</summary>
    private const int MaxCommands = 4096;

    /// <summary>Whether each command is whole and of a known kind, and names no special object that the context has not.</summary>
    public static bool IsWellFormed(ReadOnlySpan<byte> buffer, HashSet<uint> boundObjects)
    {
        for (int i = 0; !buffer.IsEmpty; i++)
        {
            if (i == MaxCommands || !MemoryMarshal.TryRead(buffer, out DrmAsahiCmdHeader header)
                || header.CmdType > DRM_ASAHI_SET_COMPUTE_ATTACHMENTS
                || header.Size > buffer.Length - Unsafe.SizeOf<DrmAsahiCmdHeader>())
            {
                return false;
            }

            ReadOnlySpan<byte> body = buffer.Slice(Unsafe.SizeOf<DrmAsahiCmdHeader>(), header.Size);
            bool right = header.CmdType switch
            {
                // An older guest knows a shorter structure; what a newer one knows more is the kernel's to refuse.
                DRM_ASAHI_CMD_RENDER => HasTimestamps(body, RenderTimestamps, RenderSize, boundObjects),
                DRM_ASAHI_CMD_COMPUTE => HasTimestamps(body, ComputeTimestamps, ComputeSize, boundObjects),
                _ => body.Length % AttachmentSize == 0,
            };
            if (!right)
            {
                return false;
            }

            buffer = buffer[(Unsafe.SizeOf<DrmAsahiCmdHeader>() + body.Length)..];
        }

        return true;
    }

    private static bool HasTimestamps(ReadOnlySpan<byte> body, int first, int end, HashSet<uint> boundObjects)
    {
        for (int at = first; at < end && at < body.Length; at += TimestampSize)
        {
            // Cut in the middle, the kernel would read zeroes: that is no handle of ours.
            if (!MemoryMarshal.TryRead(body[at..], out uint handle) || (handle != 0 && !boundObjects.Contains(handle)))
            {
                return false;
            }
        }

        return true;
    }
}
