using System.Runtime.InteropServices;
using SplitVmm.Platform.Descriptors;

namespace SplitVmm.Platform.Interop;

/// <summary>The few calls of the C library that the descriptors, sockets and mappings here stand on.</summary>
internal static unsafe partial class Libc
{
    private const string Library = "libc";

    public const int O_CLOEXEC = 0x80000;
    public const int O_NONBLOCK = 0x800;
    public const int F_DUPFD_CLOEXEC = 1030;
    public const int F_SETFD = 2;
    public const int F_GETFL = 3;
    public const int F_SETFL = 4;
    public const int F_ADD_SEALS = 1033;
    public const int F_GET_SEALS = 1034;
    public const int FD_CLOEXEC = 1;
    public const int EFD_CLOEXEC = 0x80000;
    public const int EFD_NONBLOCK = 0x800;
    public const uint MFD_CLOEXEC = 1;
    public const uint MFD_ALLOW_SEALING = 2;
    public const uint MFD_NOEXEC_SEAL = 8;
    public const int PROT_READ = 1;
    public const int PROT_WRITE = 2;
    public const int MAP_SHARED = 1;
    public const int MAP_FIXED = 0x10;
    public const int MAP_NORESERVE = 0x4000;
    public const int AF_UNIX = 1;
    public const int SOCK_STREAM = 1;
    public const int SOCK_SEQPACKET = 5;
    public const int SOCK_CLOEXEC = 0x80000;
    public const int SOCK_NONBLOCK = 0x800;
    public const int SOL_SOCKET = 1;
    public const int SO_TYPE = 3;
    public const int SO_DOMAIN = 39;
    public const int SCM_RIGHTS = 1;
    public const int MSG_DONTWAIT = 0x40;
    public const int MSG_NOSIGNAL = 0x4000;
    public const int MSG_CMSG_CLOEXEC = 0x40000000;
    public const int MSG_CTRUNC = 8;
    public const int MSG_TRUNC = 0x20;
    public const int EPOLL_CLOEXEC = 0x80000;
    public const int EPOLL_CTL_ADD = 1;
    public const int EPOLL_CTL_DEL = 2;
    public const int EPOLL_CTL_MOD = 3;
    public const int CLOCK_MONOTONIC = 1;
    public const int TFD_CLOEXEC = 0x80000;
    public const int TFD_NONBLOCK = 0x800;
    public const int SHUT_RDWR = 2;

    [LibraryImport(Library, SetLastError = true)]
    public static partial int close(int fd);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int fcntl(int fd, int command, nint argument);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int fcntl(Descriptor fd, int command, nint argument);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int eventfd(uint initial, int flags);

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int memfd_create(string name, uint flags);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int ftruncate(Descriptor fd, long length);

    [LibraryImport(Library, SetLastError = true)]
    public static partial nint read(Descriptor fd, void* buffer, nuint count);

    [LibraryImport(Library, SetLastError = true)]
    public static partial nint write(Descriptor fd, void* buffer, nuint count);

    [LibraryImport(Library, SetLastError = true)]
    public static partial long lseek(Descriptor fd, long offset, int whence);

    [LibraryImport(Library, SetLastError = true)]
    public static partial void* mmap(void* address, nuint length, int protection, int flags, int fd, long offset);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int munmap(void* address, nuint length);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int getsockopt(Descriptor socket, int level, int option, void* value, uint* length);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int socketpair(int domain, int type, int protocol, int* pair);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int socket(int domain, int type, int protocol);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int bind(Descriptor fd, UnixAddress* address, uint length);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int connect(Descriptor fd, UnixAddress* address, uint length);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int listen(Descriptor fd, int backlog);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int accept4(Descriptor fd, void* address, uint* length, int flags);

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int unlink(string path);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int fstat(Descriptor fd, FileStatus* status);

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int stat(string path, FileStatus* status);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int fstatfs(Descriptor fd, FileSystemStatus* status);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int poll(PollEntry* entries, nuint count, int timeoutMilliseconds);

    [LibraryImport(Library, SetLastError = true)]
    public static partial nint sendmsg(Descriptor fd, MessageHeader* message, int flags);

    [LibraryImport(Library, SetLastError = true)]
    public static partial nint recvmsg(Descriptor fd, MessageHeader* message, int flags);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int shutdown(Descriptor fd, int how);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int epoll_create1(int flags);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int epoll_ctl(Descriptor epoll, int operation, Descriptor fd, EpollEvent* change);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int epoll_wait(Descriptor epoll, EpollEvent* events, int capacity, int timeoutMilliseconds);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int timerfd_create(int clock, int flags);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int timerfd_settime(Descriptor fd, int flags, TimerSpecification* value, TimerSpecification* old);

    /// <summary><c>struct iovec</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct IoVector
    {
        public void* Base;
        public nuint Length;
    }

    /// <summary><c>struct msghdr</c>, 56 bytes.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct MessageHeader
    {
        public void* Name;
        public uint NameLength;
        public IoVector* Vectors;
        public nuint VectorCount;
        public void* Control;
        public nuint ControlLength;
        public int Flags;
    }

    /// <summary><c>struct cmsghdr</c>, 16 bytes; the payload follows directly.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct ControlHeader
    {
        public nuint Length;
        public int Level;
        public int Type;
    }

    /// <summary><c>struct epoll_event</c>, packed to 12 bytes on x86-64.</summary>
    [StructLayout(LayoutKind.Sequential, Pack = 4)]
    public struct EpollEvent
    {
        public uint Events;
        public ulong Data;
    }

    /// <summary><c>struct itimerspec</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct TimerSpecification
    {
        public long IntervalSeconds;
        public long IntervalNanoseconds;
        public long ValueSeconds;
        public long ValueNanoseconds;
    }

    /// <summary><c>struct sockaddr_un</c>, 110 bytes.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct UnixAddress
    {
        /// <summary>Bytes of <see cref="Path"/>, the terminating zero included.</summary>
        public const int PathSize = 108;

        public ushort Family;
        public fixed byte Path[PathSize];
    }

    /// <summary><c>struct pollfd</c>, 8 bytes.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct PollEntry
    {
        public int Fd;
        public short Events;
        public short Returned;
    }

    /// <summary><c>struct statfs</c> of x86-64, 120 bytes; of interest is only what kind it is.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 120)]
    public struct FileSystemStatus
    {
        [FieldOffset(0)] public long Type;
    }

    /// <summary><c>struct stat</c> of x86-64, 144 bytes; only the fields used here are named.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 144)]
    public struct FileStatus
    {
        [FieldOffset(24)]
        public uint Mode;

        [FieldOffset(48)]
        public long Size;

        [FieldOffset(56)]
        public long BlockSize;
    }
}
