using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Errors;
using SplitVmm.Platform.Interop;

namespace SplitVmm.Platform.Sockets;

/// <summary>
/// One end of a connected Unix stream or seqpacket socket that carries descriptors by SCM_RIGHTS
/// (<c>unix(7)</c>). Every call is non-blocking in itself; an <see cref="Events.EventLoop"/> says when to call.
/// </summary>
public sealed unsafe class UnixSocket : Descriptor
{
    /// <summary>SCM_MAX_FD of Linux: the most descriptors one message can carry.</summary>
    public const int SCM_MAX_FD = 253;

    private const int ControlHeaderSize = 16;

    public UnixSocket(int fd)
        : base(fd)
    {
    }

    /// <summary>Takes over a connected socket, inherited or accepted.</summary>
    public static UnixSocket Adopt(Descriptor descriptor)
    {
        int fd = descriptor.Number;
        descriptor.SetHandleAsInvalid();
        return new UnixSocket(fd);
    }

    public static (UnixSocket First, UnixSocket Second) CreateStreamPair() => CreatePair(Libc.SOCK_STREAM);

    public static (UnixSocket First, UnixSocket Second) CreateSeqPacketPair() => CreatePair(Libc.SOCK_SEQPACKET);

    /// <summary>Whether a descriptor is a Unix stream socket, whoever made it.</summary>
    public static bool IsStream(Descriptor descriptor) =>
        TryGetOption(descriptor, Libc.SO_DOMAIN, out int domain) && domain == Libc.AF_UNIX
        && TryGetOption(descriptor, Libc.SO_TYPE, out int type) && type == Libc.SOCK_STREAM;

    /// <summary>Connects to a stream socket that listens on <paramref name="path"/>.</summary>
    /// <exception cref="ErrnoException">Nobody listens there (ENOENT, ECONNREFUSED), or it is not permitted.</exception>
    public static UnixSocket Connect(string path)
    {
        int errno = TryConnect(path, out UnixSocket? socket);
        return errno == 0 ? socket! : throw new ErrnoException("connect", errno, path);
    }

    /// <summary>
    /// Sends bytes and descriptors without blocking. On a stream fewer bytes than given may go; the
    /// descriptors go with the first of them. On a seqpacket socket all goes or nothing.
    /// </summary>
    /// <returns><see cref="SocketStatus.Done"/>, <see cref="SocketStatus.WouldBlock"/> or <see cref="SocketStatus.Closed"/>.</returns>
    /// <exception cref="ErrnoException">Anything else, for example EMSGSIZE.</exception>
    public SocketStatus Send(ReadOnlySpan<byte> bytes, ReadOnlySpan<Descriptor> descriptors, out int sent)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(descriptors.Length, SCM_MAX_FD);
        int controlLength = descriptors.IsEmpty ? 0 : AlignControl(ControlHeaderSize + (descriptors.Length * sizeof(int)));
        byte* control = stackalloc byte[AlignControl(ControlHeaderSize + (SCM_MAX_FD * sizeof(int)))];
        if (!descriptors.IsEmpty)
        {
            var header = (Libc.ControlHeader*)control;
            header->Length = (nuint)(ControlHeaderSize + (descriptors.Length * sizeof(int)));
            header->Level = Libc.SOL_SOCKET;
            header->Type = Libc.SCM_RIGHTS;
            var numbers = (int*)(control + ControlHeaderSize);
            for (int i = 0; i < descriptors.Length; i++)
            {
                numbers[i] = descriptors[i].Number;
            }
        }

        fixed (byte* data = bytes)
        {
            // The vector, the control block and the pinned bytes live until sendmsg returns.
            var vector = new Libc.IoVector { Base = data, Length = (nuint)bytes.Length };
            var message = new Libc.MessageHeader
            {
                Vectors = &vector,
                VectorCount = 1,
                Control = descriptors.IsEmpty ? null : control,
                ControlLength = (nuint)controlLength,
            };
            nint result;
            do
            {
                result = Libc.sendmsg(this, &message, Libc.MSG_DONTWAIT | Libc.MSG_NOSIGNAL);
            }
            while (result < 0 && System.Runtime.InteropServices.Marshal.GetLastPInvokeError() == Errno.EINTR);

            sent = result < 0 ? 0 : (int)result;
            return result >= 0 ? SocketStatus.Done : StatusOfLastError("sendmsg");
        }
    }

    /// <summary>
    /// Receives without blocking. Descriptors that arrive are owned by the caller's list; they arrive
    /// close-on-exec. A message whose bytes or descriptors were cut off is <see cref="SocketStatus.Truncated"/>
    /// (the descriptors that did arrive are in the list for the caller to dispose).
    /// </summary>
    public SocketStatus Receive(Span<byte> buffer, ICollection<Descriptor> descriptors, out int received)
    {
        int capacity = AlignControl(ControlHeaderSize + (SCM_MAX_FD * sizeof(int)));
        byte* control = stackalloc byte[capacity];
        fixed (byte* data = buffer)
        {
            // The vector, the control block and the pinned buffer live until recvmsg returns.
            var vector = new Libc.IoVector { Base = data, Length = (nuint)buffer.Length };
            var message = new Libc.MessageHeader
            {
                Vectors = &vector,
                VectorCount = 1,
                Control = control,
                ControlLength = (nuint)capacity,
            };
            nint result;
            do
            {
                result = Libc.recvmsg(this, &message, Libc.MSG_DONTWAIT | Libc.MSG_CMSG_CLOEXEC);
            }
            while (result < 0 && System.Runtime.InteropServices.Marshal.GetLastPInvokeError() == Errno.EINTR);

            received = result < 0 ? 0 : (int)result;
            if (result < 0)
            {
                return StatusOfLastError("recvmsg");
            }

            TakeDescriptors(control, message.ControlLength, descriptors);
            if ((message.Flags & (Libc.MSG_CTRUNC | Libc.MSG_TRUNC)) != 0)
            {
                return SocketStatus.Truncated;
            }

            return result == 0 && buffer.Length > 0 ? SocketStatus.Closed : SocketStatus.Done;
        }
    }

    /// <summary>Ends both directions; the peer reads end-of-file.</summary>
    public void Shutdown() => _ = Libc.shutdown(this, Libc.SHUT_RDWR);

    /// <summary>Whether a path is a socket on which nobody listens any more.</summary>
    internal static bool IsAbandoned(string path)
    {
        int errno = TryConnect(path, out UnixSocket? socket);
        socket?.Dispose();
        // connect(2) gives ECONNREFUSED also for a path that is no socket.
        return errno == Errno.ECONNREFUSED && FileFacts.TryGet(path, out FileFacts facts) && facts.IsSocket;
    }

    private static bool TryGetOption(Descriptor descriptor, int option, out int value)
    {
        int found = 0;
        uint length = sizeof(int);
        // Both are locals of this frame, of the size that the kernel is told.
        bool known = Libc.getsockopt(descriptor, Libc.SOL_SOCKET, option, &found, &length) == 0;
        value = found;
        return known;
    }

    private static int TryConnect(string path, out UnixSocket? socket)
    {
        Libc.UnixAddress address = UnixPath.ToAddress(path);
        int fd = Libc.socket(Libc.AF_UNIX, Libc.SOCK_STREAM | Libc.SOCK_CLOEXEC | Libc.SOCK_NONBLOCK, 0);
        if (fd < 0)
        {
            throw ErrnoException.FromLastError("socket");
        }

        socket = new UnixSocket(fd);
        // The address is a local of this frame.
        if (Libc.connect(socket, &address, (uint)sizeof(Libc.UnixAddress)) == 0)
        {
            return 0;
        }

        int errno = System.Runtime.InteropServices.Marshal.GetLastPInvokeError();
        socket.Dispose();
        socket = null;
        return errno;
    }

    private static void TakeDescriptors(byte* control, nuint controlLength, ICollection<Descriptor> descriptors)
    {
        nuint offset = 0;
        while (controlLength - offset >= ControlHeaderSize)
        {
            var header = (Libc.ControlHeader*)(control + offset);
            if (header->Length < ControlHeaderSize || header->Length > controlLength - offset)
            {
                return;
            }

            if (header->Level == Libc.SOL_SOCKET && header->Type == Libc.SCM_RIGHTS)
            {
                var numbers = (int*)(control + offset + ControlHeaderSize);
                int count = (int)((header->Length - ControlHeaderSize) / sizeof(int));
                for (int i = 0; i < count; i++)
                {
                    descriptors.Add(new Descriptor(numbers[i]));
                }
            }

            nuint step = (nuint)AlignControl((int)header->Length);
            if (step > controlLength - offset)
            {
                return;
            }

            offset += step;
        }
    }

    private static (UnixSocket First, UnixSocket Second) CreatePair(int type)
    {
        int* pair = stackalloc int[2];
        return Libc.socketpair(Libc.AF_UNIX, type | Libc.SOCK_CLOEXEC, 0, pair) == 0
            ? (new UnixSocket(pair[0]), new UnixSocket(pair[1]))
            : throw ErrnoException.FromLastError("socketpair");
    }

    private static SocketStatus StatusOfLastError(string call)
    {
        int errno = System.Runtime.InteropServices.Marshal.GetLastPInvokeError();
        return errno switch
        {
            // ENOBUFS and ETOOMANYREFS: too many descriptors in flight; the peer has to read first.
            Errno.EAGAIN or Errno.ENOBUFS or 109 => SocketStatus.WouldBlock,
            Errno.EPIPE or Errno.ECONNRESET => SocketStatus.Closed,
            _ => throw new ErrnoException(call, errno, "a Unix socket"),
        };
    }

    private static int AlignControl(int length) => (length + 7) & ~7;
}
