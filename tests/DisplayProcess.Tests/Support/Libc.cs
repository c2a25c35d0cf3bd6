using System.Runtime.InteropServices;

namespace SplitVmm.DisplayProcess.Tests.Support;

/// <summary>What the tests need beyond the platform library: children that inherit.</summary>
internal static partial class Libc
{
    private const int F_SETFD = 2;

    /// <summary>Lets children started from now on inherit a descriptor under its number.</summary>
    public static void SetInheritable(int fd) => _ = fcntl(fd, F_SETFD, 0);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fcntl(int fd, int command, int argument);
}
