using SplitVmm.Platform.Errors;
using SplitVmm.Platform.Interop;

namespace SplitVmm.Platform.Descriptors;

/// <summary>Anonymous shared memory with a descriptor (<c>memfd_create(2)</c>).</summary>
public sealed class MemFd : Descriptor
{
    private MemFd(int fd, long size)
        : base(fd) => Size = size;

    /// <summary>Size in bytes at creation; fixed for ever if sealed against shrinking and growing.</summary>
    public long Size { get; }

    /// <param name="name">Shown in <c>/proc/PID/maps</c>.</param>
    /// <param name="size">Bytes; the pages are allocated on first touch.</param>
    /// <param name="seals">Applied after sizing, for example against shrinking and growing.</param>
    public static MemFd Create(string name, long size, Seals seals)
    {
        const uint Flags = Libc.MFD_CLOEXEC | Libc.MFD_ALLOW_SEALING;
        int fd = Libc.memfd_create(name, Flags | Libc.MFD_NOEXEC_SEAL);
        if (fd < 0 && System.Runtime.InteropServices.Marshal.GetLastPInvokeError() == Errno.EINVAL)
        {
            // Before Linux 6.3 nothing keeps a memfd from being executed.
            fd = Libc.memfd_create(name, Flags);
        }

        if (fd < 0)
        {
            throw ErrnoException.FromLastError("memfd_create", name);
        }

        var memory = new MemFd(fd, size);
        try
        {
            if (Libc.ftruncate(memory, size) < 0)
            {
                throw ErrnoException.FromLastError("ftruncate", $"memfd {name} of {size} bytes");
            }

            if (seals != Seals.None && Libc.fcntl(memory, Libc.F_ADD_SEALS, (nint)seals) < 0)
            {
                throw ErrnoException.FromLastError("fcntl(F_ADD_SEALS)", name);
            }

            return memory;
        }
        catch
        {
            memory.Dispose();
            throw;
        }
    }

    /// <summary>The seals of any descriptor; false if it is not a memfd.</summary>
    public static bool TryGetSeals(Descriptor descriptor, out Seals seals)
    {
        int value = Libc.fcntl(descriptor, Libc.F_GET_SEALS, 0);
        seals = value < 0 ? Seals.None : (Seals)value;
        return value >= 0;
    }

    /// <summary>Adds seals to any descriptor; false if it is not a memfd that takes them.</summary>
    public static bool TryAddSeals(Descriptor descriptor, Seals seals) =>
        Libc.fcntl(descriptor, Libc.F_ADD_SEALS, (nint)seals) == 0;

    /// <summary>The current size of a received descriptor in bytes; false if it cannot be sized (a pipe, a socket).</summary>
    public static bool TryGetSize(Descriptor descriptor, out long size)
    {
        const int SEEK_END = 2;
        size = Libc.lseek(descriptor, 0, SEEK_END);
        return size >= 0;
    }
}
