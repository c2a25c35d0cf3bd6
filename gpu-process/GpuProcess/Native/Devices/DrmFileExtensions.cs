using SplitVmm.GpuProcess.Native.Uapi;
using SplitVmm.Platform.Descriptors;

namespace SplitVmm.GpuProcess.Native.Devices;

/// <summary>The ioctls that every driver has, with their structures. All answer 0 or a positive errno.</summary>
internal static unsafe class DrmFileExtensions
{
    public static int Ioctl<T>(this IDrmFile file, uint number, ref T argument)
        where T : unmanaged
    {
        fixed (T* pointer = &argument)
        {
            return file.Ioctl(number, pointer);
        }
    }

    public static int CloseGem(this IDrmFile file, uint handle)
    {
        var request = new DrmGemClose { Handle = handle };
        return file.Ioctl(Drm.DRM_IOCTL_GEM_CLOSE, ref request);
    }

    /// <summary>Gives a dma-buf of an object, for somebody else.</summary>
    public static int ExportGem(this IDrmFile file, uint handle, out Descriptor? buffer)
    {
        int error = file.ExportGem(handle, out int fd);
        buffer = error == 0 ? new Descriptor(fd) : null;
        return error;
    }

    /// <summary>The same for the time of a command.</summary>
    public static int ExportGem(this IDrmFile file, uint handle, DescriptorPool pool, out PooledDescriptor buffer)
    {
        int error = file.ExportGem(handle, out int fd);
        buffer = error == 0 ? pool.Take(fd) : default;
        return error;
    }

    /// <summary>Gives a handle of a dma-buf; the one that there is already if the file has the object.</summary>
    public static int ImportGem(this IDrmFile file, Descriptor buffer, out uint handle)
    {
        var request = new DrmPrimeHandle { Fd = buffer.Number };
        int error = file.Ioctl(Drm.DRM_IOCTL_PRIME_FD_TO_HANDLE, ref request);
        GC.KeepAlive(buffer);
        handle = request.Handle;
        return error;
    }

    public static int CreateSyncobj(this IDrmFile file, out uint handle)
    {
        DrmSyncobjCreate request = default;
        int error = file.Ioctl(Drm.DRM_IOCTL_SYNCOBJ_CREATE, ref request);
        handle = request.Handle;
        return error;
    }

    public static int DestroySyncobj(this IDrmFile file, uint handle)
    {
        var request = new DrmSyncobjDestroy { Handle = handle };
        return file.Ioctl(Drm.DRM_IOCTL_SYNCOBJ_DESTROY, ref request);
    }

    /// <summary>Gives what a synchronisation object holds as a file.</summary>
    public static int ExportSyncFile(this IDrmFile file, uint syncobj, DescriptorPool pool, out PooledDescriptor fence)
    {
        var request = new DrmSyncobjHandle
        {
            Handle = syncobj,
            Flags = Drm.DRM_SYNCOBJ_HANDLE_TO_FD_FLAGS_EXPORT_SYNC_FILE,
            Fd = -1,
        };
        int error = file.Ioctl(Drm.DRM_IOCTL_SYNCOBJ_HANDLE_TO_FD, ref request);
        fence = error == 0 ? pool.Take(request.Fd) : default;
        return error;
    }

    /// <summary>Puts a fence into a synchronisation object.</summary>
    public static int ImportSyncFile(this IDrmFile file, uint syncobj, Descriptor fence)
    {
        var request = new DrmSyncobjHandle
        {
            Handle = syncobj,
            Flags = Drm.DRM_SYNCOBJ_FD_TO_HANDLE_FLAGS_IMPORT_SYNC_FILE,
            Fd = fence.Number,
        };
        int error = file.Ioctl(Drm.DRM_IOCTL_SYNCOBJ_FD_TO_HANDLE, ref request);
        GC.KeepAlive(fence);
        return error;
    }

    /// <summary>What a user of a dma-buf has to wait for, as a file.</summary>
    /// <param name="access">DMA_BUF_SYNC_*.</param>
    public static int FenceOfBuffer(this IDrmFile file, Descriptor buffer, uint access, DescriptorPool pool, out PooledDescriptor fence)
    {
        var request = new DmaBufSyncFile { Flags = access, Fd = -1 };
        int error = file.Ioctl(buffer, DmaBuf.DMA_BUF_IOCTL_EXPORT_SYNC_FILE, &request);
        fence = error == 0 ? pool.Take(request.Fd) : default;
        return error;
    }

    /// <summary>Lets users of a dma-buf wait for a fence.</summary>
    public static int AddFenceToBuffer(this IDrmFile file, Descriptor buffer, uint access, Descriptor fence)
    {
        var request = new DmaBufSyncFile { Flags = access, Fd = fence.Number };
        int error = file.Ioctl(buffer, DmaBuf.DMA_BUF_IOCTL_IMPORT_SYNC_FILE, &request);
        GC.KeepAlive(fence);
        return error;
    }

    /// <summary>Begins or ends reading a mapped dma-buf by the processor.</summary>
    public static void SyncForReading(this IDrmFile file, Descriptor buffer, bool begin)
    {
        var request = new DmaBufSync { Flags = DmaBuf.DMA_BUF_SYNC_READ | (begin ? 0 : DmaBuf.DMA_BUF_SYNC_END) };
        // Refused by a memory without caches to care for: then there is nothing to do.
        _ = file.Ioctl(buffer, DmaBuf.DMA_BUF_IOCTL_SYNC, &request);
    }

    /// <summary>Whether the work behind a signalled sync file failed.</summary>
    public static bool HasFailed(this IDrmFile file, Descriptor fence)
    {
        SyncFileInfo info = default;
        return file.Ioctl(fence, DmaBuf.SYNC_IOC_FILE_INFO, &info) == 0 && info.Status < 0;
    }

    private static int ExportGem(this IDrmFile file, uint handle, out int fd)
    {
        var request = new DrmPrimeHandle { Handle = handle, Flags = Drm.DRM_CLOEXEC | Drm.DRM_RDWR, Fd = -1 };
        int error = file.Ioctl(Drm.DRM_IOCTL_PRIME_HANDLE_TO_FD, ref request);
        fd = request.Fd;
        return error;
    }
}
