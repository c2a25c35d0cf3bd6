using System.Runtime.InteropServices;

namespace SplitVmm.DisplayProcess.Tests.Support;

/// <summary>What the tests need beyond the platform library: children that inherit, native variables.</summary>
internal static partial class Libc
{
    private const int F_SETFD = 2;

    /// <summary>Lets children started from now on inherit a descriptor under its number.</summary>
    public static void SetInheritable(int fd) => _ = fcntl(fd, F_SETFD, 0);

    /// <summary>A variable for native code in this program.</summary>
    public static void SetVariable(string name, string value) => _ = setenv(name, value, 1);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int setenv(string name, string value, int overwrite);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fcntl(int fd, int command, int argument);
}
