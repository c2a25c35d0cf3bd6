using System.Runtime.InteropServices;
using SplitVmm.Platform.Descriptors;

namespace SplitVmm.Wires.Interop;

/// <summary>What <see cref="Display.SyncFile"/> asks the kernel about a received descriptor.</summary>
internal static unsafe partial class Libc
{
    private const string Library = "libc";

    /// <summary>Of <c>linux/sync_file.h</c>.</summary>
    public const nuint SYNC_IOC_FILE_INFO = 0xC038_3E04;

    [LibraryImport(Library, SetLastError = true)]
    public static partial int ioctl(Descriptor fd, nuint request, SyncFileInfo* info);

    /// <summary><c>struct sync_file_info</c>; without room for fences the kernel says how many there are.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 56)]
    public struct SyncFileInfo
    {
        /// <summary>1: signalled; 0: not yet; below 0: an error, of the GPU's work.</summary>
        [FieldOffset(32)] public int Status;
    }
}
