using SplitVmm.Platform.Descriptors;

namespace SplitVmm.VmmCore.SharedMemory;

/// <summary>
/// Whether what a back end sent can be shown to the guest. A mapping is safe only if its file cannot become shorter:
/// a vCPU that touches a page beyond the end does not come back into the guest.
/// </summary>
internal static class MappableFile
{
    /// <summary>Null if the range of the file can be mapped; else why not, in one line.</summary>
    /// <param name="file">Anything at all.</param>
    /// <param name="offset">In bytes; any number.</param>
    /// <param name="length">In bytes; any number.</param>
    public static string? Refuse(Descriptor file, ulong offset, ulong length)
    {
        switch (FileSystems.MagicOf(file))
        {
            case FileSystems.TMPFS_MAGIC:
                if (RefuseMemfd(file) is { } refusal)
                {
                    return refusal;
                }

                break;
            case FileSystems.DMA_BUF_MAGIC:
                // A dma-buf has the size that it was made with.
                break;
            default:
                return "neither a memfd nor a dma-buf";
        }

        // After sealing: from here on the size can only grow.
        return MemFd.TryGetSize(file, out long size) && length <= ulong.MaxValue - offset && offset + length <= (ulong)size
            ? null
            : $"{length} bytes at {offset} of a file of {size} bytes";
    }

    private static string? RefuseMemfd(Descriptor file)
    {
        if (!MemFd.TryGetSeals(file, out Seals seals))
        {
            return "neither a memfd nor a dma-buf";
        }

        if ((seals & (Seals.F_SEAL_WRITE | Seals.F_SEAL_FUTURE_WRITE)) != 0)
        {
            return "a memfd that cannot be written to";
        }

        // One that can still be sealed is sealed here, whoever else has it.
        return (seals & Seals.F_SEAL_SHRINK) != 0 || MemFd.TryAddSeals(file, Seals.F_SEAL_SHRINK)
            ? null
            : "a memfd that its owner can make shorter (F_SEAL_SHRINK is not set and cannot be)";
    }
}
