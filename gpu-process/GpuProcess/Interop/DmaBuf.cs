using System.Runtime.InteropServices;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Events;
using DmaBufUapi = SplitVmm.GpuProcess.Native.Uapi.DmaBuf;
using Uapi = SplitVmm.GpuProcess.Native.Uapi;

namespace SplitVmm.GpuProcess.Interop;

/// <summary>Fences of a dma-buf (<c>linux/dma-buf.h</c>).</summary>
internal static unsafe partial class DmaBuf
{
    /// <summary>The work that still writes to the buffer, as a sync file.</summary>
    /// <returns>Null: the kernel does not say, or nothing is on the way.</returns>
    public static Descriptor? TryExportWriters(Descriptor file)
    {
        var request = new Uapi.DmaBufSyncFile { Flags = DmaBufUapi.DMA_BUF_SYNC_READ, Fd = -1 };
        // The structure is a local of this frame.
        if (ioctl(file, DmaBufUapi.DMA_BUF_IOCTL_EXPORT_SYNC_FILE, &request) != 0)
        {
            return null;
        }

        var fence = new Descriptor(request.Fd);
        if (Poll.WaitUntil(fence, Readiness.In, deadline: 0))
        {
            fence.Dispose();
            return null;
        }

        return fence;
    }

    [LibraryImport("libc")]
    private static partial int ioctl(Descriptor file, nuint request, void* argument);
}
