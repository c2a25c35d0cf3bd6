using System.Runtime.InteropServices;
using SplitVmm.Platform.Descriptors;

namespace SplitVmm.VmmCore.Interop;

/// <summary>What vmm-core asks of the C library beyond <c>SplitVmm.Platform</c>: ioctls, vCPU signals, raw file reads.</summary>
internal static unsafe partial class Libc
{
    public const int O_RDWR = 2;
    public const int O_CLOEXEC = 0x80000;
    public const int PROT_READ = 1;
    public const int PROT_WRITE = 2;
    public const int PROT_NONE = 0;
    public const int MAP_SHARED = 1;
    public const int MAP_PRIVATE = 2;
    public const int MAP_FIXED = 0x10;
    public const int MAP_ANONYMOUS = 0x20;
    public const int MAP_NORESERVE = 0x4000;
    public const int MADV_DONTFORK = 10;
    public const int MADV_HUGEPAGE = 14;
    public const int MADV_DONTDUMP = 16;
    public const int FALLOC_FL_KEEP_SIZE = 1;
    public const int FALLOC_FL_PUNCH_HOLE = 2;
    public const int SA_RESTART = 0x10000000;
    public const int CLOCK_THREAD_CPUTIME_ID = 3;
    public const short POLLIN = 1;
    public const short POLLOUT = 4;

    private const string Library = "libc";

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int open(string path, int flags);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int ioctl(Descriptor fd, nuint request, nint argument);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int ioctl(Descriptor fd, nuint request, void* argument);

    /// <summary>For the vCPU loop, which holds a reference on the descriptor for as long as it runs.</summary>
    [LibraryImport(Library, SetLastError = true)]
    public static partial int ioctl(int fd, nuint request, nint argument);

    [LibraryImport(Library, SetLastError = true)]
    public static partial void* mmap(void* address, nuint length, int protection, int flags, int fd, long offset);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int munmap(void* address, nuint length);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int madvise(void* address, nuint length, int advice);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int fallocate(Descriptor fd, int mode, long offset, long length);

    [LibraryImport(Library, SetLastError = true)]
    public static partial nint read(Descriptor fd, void* buffer, nuint count);

    [LibraryImport(Library, SetLastError = true)]
    public static partial nint write(Descriptor fd, void* buffer, nuint count);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int poll(PollDescriptor* descriptors, nuint count, int timeoutMilliseconds);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int sigaction(int signal, SignalAction* action, SignalAction* old);

    [LibraryImport(Library)]
    public static partial int getpid();

    [LibraryImport(Library)]
    public static partial int gettid();

    [LibraryImport(Library, SetLastError = true)]
    public static partial int tgkill(int process, int thread, int signal);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int clock_gettime(int clock, TimeValue* value);

    /// <summary><c>struct timespec</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct TimeValue
    {
        public long Seconds;
        public long Nanoseconds;
    }

    /// <summary><c>struct pollfd</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct PollDescriptor
    {
        public int Fd;
        public short Events;
        public short Returned;
    }

    /// <summary>glibc's <c>struct sigaction</c>, 152 bytes.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct SignalAction
    {
        public nint Handler;
        public fixed ulong Mask[16];
        public int Flags;
        public nint Restorer;
    }
}
