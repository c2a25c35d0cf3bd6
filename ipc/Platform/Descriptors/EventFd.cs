using SplitVmm.Platform.Errors;
using SplitVmm.Platform.Interop;

namespace SplitVmm.Platform.Descriptors;

/// <summary>An <c>eventfd(2)</c> counter, non-blocking: the doorbell and interrupt line of this project.</summary>
public sealed class EventFd : Descriptor
{
    private EventFd(int fd)
        : base(fd)
    {
    }

    public static EventFd Create()
    {
        int fd = Libc.eventfd(0, Libc.EFD_CLOEXEC | Libc.EFD_NONBLOCK);
        return fd >= 0 ? new EventFd(fd) : throw ErrnoException.FromLastError("eventfd");
    }

    /// <summary>
    /// Takes over a descriptor that a peer sent. Whether it really is an eventfd shows only in use, so
    /// <see cref="Signal"/> and <see cref="TryDrain"/> report failure as a value.
    /// </summary>
    public static EventFd Adopt(Descriptor received)
    {
        int fd = received.Number;
        received.SetHandleAsInvalid();
        return new EventFd(fd);
    }

    /// <summary>Adds one to the counter. False if the descriptor refuses (full counter, or not an eventfd).</summary>
    public unsafe bool Signal()
    {
        ulong one = 1;
        // The 8 bytes are a local of this frame.
        return Libc.write(this, &one, sizeof(ulong)) == sizeof(ulong);
    }

    /// <summary>Takes the counter to zero; false if it was zero already.</summary>
    public unsafe bool TryDrain(out ulong count)
    {
        ulong value = 0;
        // The 8 bytes are a local of this frame.
        bool taken = Libc.read(this, &value, sizeof(ulong)) == sizeof(ulong);
        count = value;
        return taken;
    }
}
