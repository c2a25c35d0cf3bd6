using System.Runtime.InteropServices;
using SplitVmm.Platform.Descriptors;

namespace SplitVmm.Wires.Interop;

/// <summary>What <see cref="Display.FrameMemory"/> asks the kernel about a received descriptor.</summary>
internal static unsafe partial class Libc
{
    private const string Library = "libc";

    /// <summary>TMPFS_MAGIC of <c>linux/magic.h</c>: plain memfds live there, hugetlb ones do not.</summary>
    public const long TMPFS_MAGIC = 0x01021994;

    [LibraryImport(Library, SetLastError = true)]
    public static partial int fstatfs(Descriptor fd, FileSystemStatistics* statistics);

    /// <summary><c>struct statfs</c> of x86-64, 120 bytes; only the type matters here.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 120)]
    public struct FileSystemStatistics
    {
        [FieldOffset(0)] public long Type;
    }
}
