using System.Runtime.InteropServices;

namespace SplitVmm.Sandbox.Interop;

/// <summary>The calls by which a process gives up what it may do.</summary>
internal static unsafe partial class Libc
{
    private const string Library = "libc";

    public const int O_PATH = 0x200000;
    public const int O_CLOEXEC = 0x80000;

    /// <summary><c>linux/prctl.h</c>.</summary>
    public const int PR_SET_DUMPABLE = 4;
    public const int PR_SET_NO_NEW_PRIVS = 38;
    public const int PR_SET_MDWE = 65;
    public const int PR_GET_MDWE = 66;
    public const nuint PR_MDWE_REFUSE_EXEC_GAIN = 1;

    /// <summary><c>asm/unistd_64.h</c>: the C library has no functions for these.</summary>
    public const nint SYS_seccomp = 317;
    public const nint SYS_landlock_create_ruleset = 444;
    public const nint SYS_landlock_add_rule = 445;
    public const nint SYS_landlock_restrict_self = 446;

    /// <summary><c>linux/seccomp.h</c>.</summary>
    public const nint SECCOMP_SET_MODE_FILTER = 1;
    public const nint SECCOMP_FILTER_FLAG_TSYNC = 1;
    public const nint SECCOMP_FILTER_FLAG_LOG = 2;

    /// <summary><c>linux/auxvec.h</c>: the path by which the program was started.</summary>
    public const nuint AT_EXECFN = 31;

    [LibraryImport(Library, SetLastError = true)]
    public static partial int prctl(int option, nuint a, nuint b, nuint c, nuint d);

    /// <summary><c>struct rlimit</c> is two 64-bit numbers: the soft and the hard limit.</summary>
    [LibraryImport(Library, SetLastError = true)]
    public static partial int setrlimit(int resource, ulong* limits);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int getrlimit(int resource, ulong* limits);

    [LibraryImport(Library, SetLastError = true)]
    public static partial nint syscall(nint number, nint a, nint b, nint c, nint d);

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int open(string path, int flags);

    [LibraryImport(Library, SetLastError = true)]
    public static partial nint pread(int fd, void* buffer, nuint count, long offset);

    [LibraryImport(Library)]
    public static partial nuint getauxval(nuint kind);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int execv(byte* path, byte** arguments);

    /// <summary><c>struct sock_fprog</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct FilterProgram
    {
        /// <summary>Instructions of 8 bytes.</summary>
        public ushort Length;
        public byte* Instructions;
    }

    /// <summary><c>struct landlock_ruleset_attr</c>; a kernel takes the part that it knows.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct RulesetAttributes
    {
        public ulong HandledAccessFs;
        public ulong HandledAccessNet;
        public ulong Scoped;
    }

    /// <summary><c>struct landlock_path_beneath_attr</c>, packed to 12 bytes.</summary>
    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    public struct PathBeneath
    {
        public ulong AllowedAccess;
        public int ParentFd;
    }
}
