using SplitVmm.DesktopService.Interop;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Errors;

namespace SplitVmm.DesktopService.Spawning;

/// <summary>Files opened as descriptors, for children among others.</summary>
internal static class OpenFile
{
    /// <summary>Reads as empty, swallows what is written.</summary>
    public static Descriptor Null() => Open("/dev/null", Libc.O_RDWR);

    /// <summary>A new or emptied file that is written from its beginning.</summary>
    public static Descriptor ForWriting(string path) => Open(path, Libc.O_WRONLY | Libc.O_CREAT | Libc.O_TRUNC);

    /// <summary>A folder, to bring its changes to the disk.</summary>
    public static Descriptor Folder(string path) => Open(path, Libc.O_RDONLY | Libc.O_DIRECTORY);

    private static Descriptor Open(string path, int flags)
    {
        // rw-rw-rw-, less the user's umask.
        const uint Mode = 0x1B6;
        int fd = Libc.open(path, flags | Libc.O_CLOEXEC, Mode);
        return fd >= 0 ? new Descriptor(fd) : throw ErrnoException.FromLastError("open", path);
    }
}
