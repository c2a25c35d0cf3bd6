using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Errors;
using SplitVmm.Platform.Interop;

namespace SplitVmm.Platform.Events;

/// <summary>A <c>timerfd(2)</c> on the monotonic clock, to be watched by an <see cref="EventLoop"/>.</summary>
public sealed class TimerFd : Descriptor
{
    private TimerFd(int fd)
        : base(fd)
    {
    }

    public static TimerFd Create()
    {
        int fd = Libc.timerfd_create(Libc.CLOCK_MONOTONIC, Libc.TFD_CLOEXEC | Libc.TFD_NONBLOCK);
        return fd >= 0 ? new TimerFd(fd) : throw ErrnoException.FromLastError("timerfd_create");
    }

    /// <summary>Expires after <paramref name="delay"/>, then every <paramref name="interval"/> (zero: once only).</summary>
    public unsafe void Arm(TimeSpan delay, TimeSpan interval)
    {
        // A zero first expiry would disarm the timer; one nanosecond means "at once".
        long first = Math.Max(1, delay.Ticks * 100);
        long repeat = interval.Ticks * 100;
        var value = new Libc.TimerSpecification
        {
            ValueSeconds = first / 1_000_000_000,
            ValueNanoseconds = first % 1_000_000_000,
            IntervalSeconds = repeat / 1_000_000_000,
            IntervalNanoseconds = repeat % 1_000_000_000,
        };
        Set(value);
    }

    public void Disarm() => Set(default);

    /// <summary>Takes the expirations since the last call; false if there were none.</summary>
    public unsafe bool TryDrain(out ulong expirations)
    {
        ulong value = 0;
        // The 8 bytes are a local of this frame.
        bool taken = Libc.read(this, &value, sizeof(ulong)) == sizeof(ulong);
        expirations = value;
        return taken;
    }

    private unsafe void Set(Libc.TimerSpecification value)
    {
        if (Libc.timerfd_settime(this, 0, &value, null) < 0)
        {
            throw ErrnoException.FromLastError("timerfd_settime");
        }
    }
}
