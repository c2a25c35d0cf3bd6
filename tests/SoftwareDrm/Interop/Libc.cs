using System.Runtime.InteropServices;
using SplitVmm.Platform.Descriptors;

namespace SplitVmm.SoftwareDrm.Interop;

/// <summary>What tells one file from another, and pipes.</summary>
internal static unsafe partial class Libc
{
    private const string Library = "libc";

    public const int O_CLOEXEC = 0x80000;

    [LibraryImport(Library, SetLastError = true)]
    public static partial int fstat(Descriptor fd, FileStatus* status);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int pipe2(int* pair, int flags);

    [LibraryImport(Library, SetLastError = true)]
    public static partial nint write(Descriptor fd, void* buffer, nuint count);

    /// <summary><c>struct stat</c> of x86-64, 144 bytes.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 144)]
    public struct FileStatus
    {
        [FieldOffset(0)] public ulong Device;
        [FieldOffset(8)] public ulong Inode;
    }
}
