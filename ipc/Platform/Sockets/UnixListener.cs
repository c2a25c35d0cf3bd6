using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Errors;
using SplitVmm.Platform.Interop;

namespace SplitVmm.Platform.Sockets;

/// <summary>A listening Unix stream socket on a path. Disposing it removes the path.</summary>
public sealed unsafe class UnixListener : Descriptor
{
    private const int Backlog = 8;

    private UnixListener(int fd, string path)
        : base(fd) => Path = path;

    /// <summary>Where it listens.</summary>
    public string Path { get; }

    /// <summary>
    /// Listens on <paramref name="path"/>. A socket that a dead process left there is replaced; one that somebody
    /// listens on, or any other kind of file, is not.
    /// </summary>
    /// <exception cref="ErrnoException">The path cannot be used; EADDRINUSE if it is taken.</exception>
    public static UnixListener Bind(string path)
    {
        Libc.UnixAddress address = UnixPath.ToAddress(path);
        int fd = Libc.socket(Libc.AF_UNIX, Libc.SOCK_STREAM | Libc.SOCK_CLOEXEC | Libc.SOCK_NONBLOCK, 0);
        if (fd < 0)
        {
            throw ErrnoException.FromLastError("socket");
        }

        var listener = new UnixListener(fd, path);
        // The address is a local of this frame.
        if (Libc.bind(listener, &address, (uint)sizeof(Libc.UnixAddress)) < 0)
        {
            int errno = Marshal.GetLastPInvokeError();
            bool replaced = errno == Errno.EADDRINUSE && UnixSocket.IsAbandoned(path)
                && Libc.unlink(path) == 0 && Libc.bind(listener, &address, (uint)sizeof(Libc.UnixAddress)) == 0;
            if (!replaced)
            {
                listener.Abandon();
                throw new ErrnoException("bind", errno, path);
            }
        }

        if (Libc.listen(listener, Backlog) < 0)
        {
            int errno = Marshal.GetLastPInvokeError();
            listener.Dispose();
            throw new ErrnoException("listen", errno, path);
        }

        return listener;
    }

    /// <summary>Takes one connection that is waiting; false if there is none (any more).</summary>
    public bool TryAccept([NotNullWhen(true)] out UnixSocket? connection)
    {
        int fd = Libc.accept4(this, null, null, Libc.SOCK_CLOEXEC);
        if (fd >= 0)
        {
            connection = new UnixSocket(fd);
            return true;
        }

        int errno = Marshal.GetLastPInvokeError();
        connection = null;
        return errno is Errno.EAGAIN or Errno.EINTR or Errno.ECONNABORTED
            ? false
            : throw new ErrnoException("accept4", errno, Path);
    }

    protected override bool ReleaseHandle()
    {
        _ = Libc.unlink(Path);
        return base.ReleaseHandle();
    }

    /// <summary>Closes without removing the path, which is somebody else's.</summary>
    private void Abandon()
    {
        _ = Libc.close((int)handle);
        SetHandleAsInvalid();
    }
}
