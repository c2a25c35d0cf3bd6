using System.Runtime.InteropServices;
using SplitVmm.Platform.Descriptors;
using Uapi = SplitVmm.GpuProcess.Native.Uapi.DmaBuf;

namespace SplitVmm.GpuProcess.Interop;

/// <summary>Access of the CPU to a dma-buf (<c>linux/dma-buf.h</c>).</summary>
internal static unsafe partial class DmaBuf
{
    /// <summary>Waits for fences of writers. A file that is none of these is read as it is.</summary>
    public static void BeginRead(Descriptor file) => Sync(file, Uapi.DMA_BUF_SYNC_READ);

    public static void EndRead(Descriptor file) => Sync(file, Uapi.DMA_BUF_SYNC_READ | Uapi.DMA_BUF_SYNC_END);

    private static void Sync(Descriptor file, ulong flags)
    {
        // An error leaves the caches of a machine that has coherent ones as they were: right there too.
        _ = ioctl(file, Uapi.DMA_BUF_IOCTL_SYNC, &flags);
    }

    [LibraryImport("libc")]
    private static partial int ioctl(Descriptor file, nuint request, ulong* flags);
}
