using System.Runtime.InteropServices;
using SplitVmm.Platform.Descriptors;

namespace SplitVmm.DisplayProcess.Interop;

/// <summary>Access of the CPU to a dma-buf (<c>linux/dma-buf.h</c>).</summary>
internal static unsafe partial class DmaBuf
{
    private const nuint DMA_BUF_IOCTL_SYNC = 0x4008_6200;
    private const ulong DMA_BUF_SYNC_READ = 1;
    private const ulong DMA_BUF_SYNC_END = 4;

    public static void BeginRead(Descriptor file) => Sync(file, DMA_BUF_SYNC_READ);

    public static void EndRead(Descriptor file) => Sync(file, DMA_BUF_SYNC_READ | DMA_BUF_SYNC_END);

    private static void Sync(Descriptor file, ulong flags)
    {
        // An error leaves the caches of a machine that has coherent ones as they were: right there too.
        _ = ioctl(file, DMA_BUF_IOCTL_SYNC, &flags);
    }

    [LibraryImport("libc")]
    private static partial int ioctl(Descriptor file, nuint request, ulong* flags);
}
