using System.Diagnostics;
using System.Runtime.InteropServices;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Errors;
using SplitVmm.Platform.Interop;

namespace SplitVmm.Platform.Events;

/// <summary>Waiting for one descriptor with a deadline, outside an event loop (<c>poll(2)</c>).</summary>
public static unsafe class Poll
{
    /// <summary>
    /// Waits until <paramref name="descriptor"/> is ready for <paramref name="wanted"/>, or broken, or the deadline
    /// has passed. Signals that interrupt the wait do not lengthen it.
    /// </summary>
    /// <param name="deadline">In ticks of <see cref="Stopwatch.GetTimestamp"/>.</param>
    /// <returns>False when the deadline has passed first.</returns>
    public static bool WaitUntil(Descriptor descriptor, Readiness wanted, long deadline)
    {
        bool counted = false;
        try
        {
            descriptor.DangerousAddRef(ref counted);
            var entry = new Libc.PollEntry { Fd = descriptor.Number, Events = (short)wanted };
            while (true)
            {
                TimeSpan left = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), deadline);
                int milliseconds = (int)Math.Clamp(Math.Ceiling(left.TotalMilliseconds), 0, int.MaxValue);
                // The entry is a local of this frame.
                int ready = Libc.poll(&entry, 1, milliseconds);
                if (ready >= 0)
                {
                    return ready > 0;
                }

                int errno = Marshal.GetLastPInvokeError();
                if (errno != Errno.EINTR)
                {
                    throw new ErrnoException("poll", errno, descriptor.ToString());
                }
            }
        }
        finally
        {
            if (counted)
            {
                descriptor.DangerousRelease();
            }
        }
    }
}
