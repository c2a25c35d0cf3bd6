using SplitVmm.Platform.Descriptors;
using SplitVmm.Wires.Interop;

namespace SplitVmm.Wires.Display;

/// <summary>A fence of the kernel's in a file: readable once the work before it is complete.</summary>
internal static unsafe class SyncFile
{
    // anon_inodefs, linux/magic.h: whatever else there is, it is no device and no pipe.
    private const long ANON_INODE_FS_MAGIC = 0x0904_1934;

    /// <param name="isSignalled">Complete, well or not.</param>
    /// <returns>False if the descriptor is something else.</returns>
    public static bool TryGetState(Descriptor file, out bool isSignalled)
    {
        isSignalled = false;
        Libc.SyncFileInfo info = default;
        // The structure is a local of this frame, of the size that the request's number says.
        if (FileSystems.MagicOf(file) != ANON_INODE_FS_MAGIC || Libc.ioctl(file, Libc.SYNC_IOC_FILE_INFO, &info) != 0)
        {
            return false;
        }

        isSignalled = info.Status != 0;
        return true;
    }
}
