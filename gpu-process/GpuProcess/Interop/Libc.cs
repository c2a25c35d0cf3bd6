using System.Runtime.InteropServices;
using SplitVmm.Platform.Descriptors;

namespace SplitVmm.GpuProcess.Interop;

/// <summary>The calls of the C library by which DRM devices are reached.</summary>
internal static unsafe partial class Libc
{
    private const string Library = "libc";

    public const int O_RDWR = 2;
    public const int O_CLOEXEC = 0x80000;

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int open(string path, int flags);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int ioctl(Descriptor fd, nuint request, void* argument);
}
