using System.Runtime.InteropServices;
using SplitVmm.Platform.Descriptors;

namespace SplitVmm.DesktopService.Interop;

/// <summary>Calls that make, watch and end processes, and the terminal's.</summary>
internal static unsafe partial class Libc
{
    private const string Library = "libc";

    public const int O_RDONLY = 0;
    public const int O_RDWR = 2;
    public const int O_WRONLY = 1;
    public const int O_CREAT = 0x40;
    public const int O_TRUNC = 0x200;
    public const int O_DIRECTORY = 0x10000;
    public const int O_CLOEXEC = 0x80000;
    public const int F_DUPFD_CLOEXEC = 1030;
    public const int F_ADD_SEALS = 1033;

    /// <summary><c>spawn.h</c>.</summary>
    public const short POSIX_SPAWN_SETPGROUP = 0x02;
    public const short POSIX_SPAWN_SETSIGDEF = 0x04;
    public const short POSIX_SPAWN_SETSIGMASK = 0x08;
    public const short POSIX_SPAWN_SETSID = 0x80;

    /// <summary>Room for <c>posix_spawn_file_actions_t</c> (80 bytes) and <c>posix_spawnattr_t</c> (336 bytes) of glibc.</summary>
    public const int SpawnObjectSize = 512;

    /// <summary>Size of <c>sigset_t</c> of glibc.</summary>
    public const int SignalSetSize = 128;

    /// <summary><c>sys/wait.h</c>.</summary>
    public const int P_PIDFD = 3;
    public const int WEXITED = 4;
    public const int CLD_EXITED = 1;

    public const int SIGHUP = 1;
    public const int SIGINT = 2;
    public const int SIGKILL = 9;
    public const int SIGTERM = 15;

    /// <summary><c>termios.h</c>, <c>sys/ioctl.h</c>.</summary>
    public const int TCSANOW = 0;
    public const nuint TIOCGWINSZ = 0x5413;

    /// <summary><c>unistd.h</c>.</summary>
    public const int R_OK = 4;
    public const int W_OK = 2;

    public const short POLLIN = 1;
    public const short POLLOUT = 4;

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int open(string path, int flags, uint mode);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int fsync(Descriptor descriptor);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int access(string path, int mode);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int pipe2(int* pair, int flags);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int fcntl(Descriptor fd, int command, nint argument);

    [LibraryImport(Library, SetLastError = true)]
    public static partial nint read(int fd, byte* buffer, nuint count);

    [LibraryImport(Library, SetLastError = true)]
    public static partial nint pread(Descriptor fd, byte* buffer, nuint count, long offset);

    [LibraryImport(Library, SetLastError = true)]
    public static partial nint write(int fd, byte* buffer, nuint count);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int poll(PollEntry* entries, nuint count, int timeoutMilliseconds);

    /// <summary>Returns the error number itself.</summary>
    [LibraryImport(Library)]
    public static partial int posix_spawn(
        int* pid, byte* path, void* actions, void* attributes, byte** arguments, byte** environment);

    [LibraryImport(Library)]
    public static partial int posix_spawn_file_actions_init(void* actions);

    [LibraryImport(Library)]
    public static partial int posix_spawn_file_actions_adddup2(void* actions, int fd, int wanted);

    /// <summary>glibc 2.34.</summary>
    [LibraryImport(Library)]
    public static partial int posix_spawn_file_actions_addclosefrom_np(void* actions, int from);

    [LibraryImport(Library)]
    public static partial int posix_spawn_file_actions_destroy(void* actions);

    [LibraryImport(Library)]
    public static partial int posix_spawnattr_init(void* attributes);

    [LibraryImport(Library)]
    public static partial int posix_spawnattr_setflags(void* attributes, short flags);

    [LibraryImport(Library)]
    public static partial int posix_spawnattr_setpgroup(void* attributes, int group);

    [LibraryImport(Library)]
    public static partial int posix_spawnattr_setsigdefault(void* attributes, void* signals);

    [LibraryImport(Library)]
    public static partial int posix_spawnattr_setsigmask(void* attributes, void* signals);

    [LibraryImport(Library)]
    public static partial int posix_spawnattr_destroy(void* attributes);

    [LibraryImport(Library)]
    public static partial int sigemptyset(void* signals);

    [LibraryImport(Library)]
    public static partial int sigfillset(void* signals);

    /// <summary>glibc 2.36.</summary>
    [LibraryImport(Library, SetLastError = true)]
    public static partial int pidfd_open(int pid, uint flags);

    /// <summary>glibc 2.36.</summary>
    [LibraryImport(Library, SetLastError = true)]
    public static partial int pidfd_send_signal(Descriptor pidfd, int signal, void* information, uint flags);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int kill(int pid, int signal);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int waitid(int kind, uint id, SignalInformation* information, int options);

    [LibraryImport(Library)]
    public static partial int isatty(int fd);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int tcgetattr(int fd, Termios* mode);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int tcsetattr(int fd, int when, Termios* mode);

    [LibraryImport(Library)]
    public static partial void cfmakeraw(Termios* mode);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int tcgetpgrp(int fd);

    [LibraryImport(Library)]
    public static partial int getpgrp();

    [LibraryImport(Library, SetLastError = true)]
    public static partial int ioctl(int fd, nuint request, void* argument);

    /// <summary>The part of <c>siginfo_t</c> (128 bytes) that <c>waitid</c> fills in.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 128)]
    public struct SignalInformation
    {
        [FieldOffset(8)]
        public int Code;

        [FieldOffset(24)]
        public int Status;
    }

    /// <summary><c>struct termios</c> of glibc, 60 bytes.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 60)]
    public struct Termios
    {
        public uint InputFlags;
        public uint OutputFlags;
        public uint ControlFlags;
        public uint LocalFlags;
    }

    /// <summary><c>struct winsize</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct WindowSize
    {
        public ushort Rows;
        public ushort Columns;
        public ushort PixelWidth;
        public ushort PixelHeight;
    }

    /// <summary><c>struct pollfd</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct PollEntry
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }
}
