using System.Runtime.InteropServices;

namespace SplitVmm.Platform.Descriptors;

/// <summary>Reading of a mapped dma-buf by the CPU (<c>linux/dma-buf.h</c>).</summary>
public static unsafe partial class DmaBufReading
{
    private const nuint DMA_BUF_IOCTL_SYNC = 0x4008_6200;
    private const ulong DMA_BUF_SYNC_READ = 1;
    private const ulong DMA_BUF_SYNC_END = 4;

    /// <summary>Waits for fences of writers. A file that is none of these is read as it is.</summary>
    public static void Begin(Descriptor file) => Sync(file, DMA_BUF_SYNC_READ);

    /// <summary>After <see cref="Begin"/>.</summary>
    public static void End(Descriptor file) => Sync(file, DMA_BUF_SYNC_READ | DMA_BUF_SYNC_END);

    private static void Sync(Descriptor file, ulong flags)
    {
        // An error leaves the caches of a machine that has coherent ones as they were: right there too.
        _ = ioctl(file, DMA_BUF_IOCTL_SYNC, &flags);
    }

    [LibraryImport("libc")]
    private static partial int ioctl(Descriptor file, nuint request, ulong* flags);
}
