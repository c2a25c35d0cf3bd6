using System.Runtime.InteropServices;

namespace SplitVmm.SandboxProbe.Interop;

/// <summary>Raw system calls: an attacker's code would not go through the C library either.</summary>
internal static partial class Libc
{
    private const string Library = "libc";

    [LibraryImport(Library, SetLastError = true)]
    public static partial nint syscall(nint number, nint a, nint b, nint c, nint d, nint e, nint f);

    [LibraryImport(Library)]
    public static partial void abort();

    [LibraryImport(Library)]
    public static partial void _exit(int status);
}
