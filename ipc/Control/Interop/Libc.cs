using System.Runtime.InteropServices;

namespace SplitVmm.Control.Interop;

/// <summary>Calls about the life of this process.</summary>
internal static partial class Libc
{
    private const string Library = "libc";

    /// <summary><c>linux/prctl.h</c>.</summary>
    public const int PR_SET_PDEATHSIG = 1;

    public const int SIGKILL = 9;

    [LibraryImport(Library, SetLastError = true)]
    public static partial int prctl(int option, nuint argument2, nuint argument3, nuint argument4, nuint argument5);

    [LibraryImport(Library)]
    public static partial void _exit(int status);
}
