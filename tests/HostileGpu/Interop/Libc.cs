using System.Runtime.InteropServices;

namespace SplitVmm.HostileGpu.Interop;

internal static partial class Libc
{
    public const int PROT_READ = 1;
    public const int PROT_WRITE = 2;
    public const int MAP_SHARED = 1;
    public const int F_ADD_SEALS = 1033;

    /// <summary>Becomes another program, with the same descriptors and environment.</summary>
    /// <exception cref="InvalidOperationException">It cannot be executed.</exception>
    public static void Execute(string path, string[] arguments)
    {
        string?[] words = [path, .. arguments, null];
        _ = execv(path, words);
        throw new InvalidOperationException($"{path} cannot be executed: errno {Marshal.GetLastPInvokeError()}");
    }

    [LibraryImport("libc", SetLastError = true)]
    public static unsafe partial byte* mmap(void* address, nuint length, int protection, int flags, int fd, long offset);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int ftruncate(int fd, long length);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int memfd_create(string name, uint flags);

    [LibraryImport("libc", SetLastError = true)]
    public static unsafe partial int pipe2(int* ends, int flags);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int open(string path, int flags);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int execv(string path, string?[] arguments);
}
