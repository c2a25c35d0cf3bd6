using System.Globalization;
using System.Runtime.InteropServices;
using SplitVmm.Platform.Errors;
using SplitVmm.Platform.Interop;

namespace SplitVmm.Platform.Descriptors;

/// <summary>An open file descriptor that this process owns. Raw integers stop here.</summary>
public class Descriptor : SafeHandle
{
    /// <summary>Takes ownership of <paramref name="fd"/>.</summary>
    public Descriptor(int fd)
        : base(-1, ownsHandle: true) => SetHandle(fd);

    /// <summary>Public for the marshaller, which fills in the handle that a native call returns.</summary>
    public Descriptor()
        : base(-1, ownsHandle: true)
    {
    }

    public override bool IsInvalid => handle < 0;

    /// <summary>The number, for messages, for command lines of children, and for native calls made elsewhere.</summary>
    public int Number => (int)handle;

    /// <summary>Takes over a descriptor that the parent process left open, and sets close-on-exec on it.</summary>
    /// <exception cref="ErrnoException">No such descriptor is open.</exception>
    public static Descriptor FromInherited(int fd)
    {
        if (Libc.fcntl(fd, Libc.F_SETFD, Libc.FD_CLOEXEC) < 0)
        {
            throw ErrnoException.FromLastError("fcntl(F_SETFD)", $"inherited descriptor {fd}");
        }

        return new Descriptor(fd);
    }

    /// <summary>A second descriptor for the same open file description, close-on-exec set.</summary>
    public Descriptor Duplicate()
    {
        int copy = Libc.fcntl(this, Libc.F_DUPFD_CLOEXEC, 3);
        return copy >= 0 ? new Descriptor(copy) : throw ErrnoException.FromLastError("fcntl(F_DUPFD_CLOEXEC)", ToString());
    }

    public void SetNonBlocking(bool enabled)
    {
        int flags = Libc.fcntl(this, Libc.F_GETFL, 0);
        int wanted = enabled ? flags | Libc.O_NONBLOCK : flags & ~Libc.O_NONBLOCK;
        if (flags < 0 || Libc.fcntl(this, Libc.F_SETFL, wanted) < 0)
        {
            throw ErrnoException.FromLastError("fcntl(F_SETFL)", ToString());
        }
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"fd {Number}");

    protected override bool ReleaseHandle() => Libc.close((int)handle) == 0;
}
