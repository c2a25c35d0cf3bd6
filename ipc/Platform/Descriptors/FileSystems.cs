using SplitVmm.Platform.Interop;

namespace SplitVmm.Platform.Descriptors;

/// <summary>Which file system a descriptor is of: it tells a memfd from a dma-buf and both from all else.</summary>
public static class FileSystems
{
    /// <summary>memfds, and files in a tmpfs (<c>linux/magic.h</c>).</summary>
    public const long TMPFS_MAGIC = 0x01021994;

    /// <summary>dma-bufs.</summary>
    public const long DMA_BUF_MAGIC = 0x444d4142;

    /// <returns>The magic number; 0 if the kernel does not say.</returns>
    public static unsafe long MagicOf(Descriptor descriptor)
    {
        Libc.FileSystemStatus status;
        // The structure is a local of this frame, of the size that the kernel fills.
        return Libc.fstatfs(descriptor, &status) == 0 ? status.Type : 0;
    }
}
