using System.Runtime.InteropServices;
using SplitVmm.DesktopService.Interop;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Errors;

namespace SplitVmm.DesktopService.Spawning;

/// <summary>
/// A child and its process group, held by a pidfd: no signal can reach a later process of the same number. The child
/// may be a wrapper (bubblewrap) around the process that is meant; then that one is signalled and watched, and it ends
/// with its wrapper.
/// </summary>
internal sealed unsafe class ChildProcess : IDisposable
{
    private const int ShellSignalBase = 128;

    /// <summary>SIGRTMAX of Linux.</summary>
    private const int LastSignal = 64;

    /// <summary>A wrapper has this long to pass on how the process in it ended.</summary>
    private static readonly TimeSpan WrapperLimit = TimeSpan.FromSeconds(1);

    private readonly int _child;
    private readonly Descriptor _childPidfd;

    private bool _isWrapper;

    private ChildProcess(int pid, Descriptor pidfd)
    {
        (Pid, _child) = (pid, pid);
        (Pidfd, _childPidfd) = (pidfd, pidfd);
    }

    /// <summary>Number of the process, also where it has another one inside a namespace.</summary>
    public int Pid { get; private set; }

    /// <summary>Readable once the process has ended; <see cref="Reap()"/> is due then.</summary>
    public Descriptor Pidfd { get; private set; }

    /// <summary>Null until <see cref="Reap()"/>.</summary>
    public ExitStatus? Exit { get; private set; }

    public static ChildProcess Adopt(int pid)
    {
        int pidfd = Libc.pidfd_open(pid, 0);
        if (pidfd >= 0)
        {
            return new ChildProcess(pid, new Descriptor(pidfd));
        }

        // Nobody could watch it: it must not stay. As long as it is not waited for, the number is its own.
        var failure = ErrnoException.FromLastError("pidfd_open");
        _ = Libc.kill(pid, Libc.SIGKILL);
        throw failure;
    }

    /// <summary>The child is a wrapper around process <paramref name="pid"/>, its own child.</summary>
    /// <exception cref="ErrnoException">That process cannot be watched.</exception>
    public void Enclose(int pid)
    {
        _isWrapper = true;
        int pidfd = Libc.pidfd_open(pid, 0);
        if (pidfd >= 0)
        {
            Pid = pid;
            Pidfd = new Descriptor(pidfd);
            return;
        }

        // It has ended already, and so has the wrapper soon: that is what is watched then.
        if (Marshal.GetLastPInvokeError() != Errno.ESRCH)
        {
            throw ErrnoException.FromLastError("pidfd_open");
        }
    }

    /// <summary>Sends a signal to the process; nothing happens if it has ended.</summary>
    public void Signal(int signal)
    {
        if (Exit is null)
        {
            _ = Libc.pidfd_send_signal(Pidfd, signal, null, 0);
        }
    }

    /// <summary>Kills the process and whatever it started in its group.</summary>
    public void KillGroup()
    {
        if (Exit is null)
        {
            Signal(Libc.SIGKILL);
            _ = Libc.kill(-_child, Libc.SIGKILL);
        }
    }

    /// <summary>Takes the exit status of a process that has ended, and ends what is left of its group.</summary>
    public ExitStatus Reap()
    {
        return _isWrapper ? Reap(WrapperLimit) : Collect();
    }

    /// <summary>The same for one that is about to end: it is killed if it does not within a time.</summary>
    public ExitStatus Reap(TimeSpan patience)
    {
        var entry = new Libc.PollEntry { Descriptor = _childPidfd.Number, Events = Libc.POLLIN };
        // Whatever ends the wait, what follows is right.
        _ = Libc.poll(&entry, 1, (int)patience.TotalMilliseconds);
        return Collect();
    }

    /// <summary>It has ended, and <see cref="Reap()"/> is due.</summary>
    public bool HasEnded
    {
        get
        {
            var entry = new Libc.PollEntry { Descriptor = Pidfd.Number, Events = Libc.POLLIN };
            return Libc.poll(&entry, 1, 0) > 0;
        }
    }

    /// <summary>
    /// Lets a process of a session of its own run on. Somebody has to take its exit status all the same: a thread that
    /// waits for nothing else, which a program that ends meanwhile takes along.
    /// </summary>
    public void Abandon()
    {
        // From here on it is not killed by this object.
        Exit ??= default(ExitStatus);
        new Thread(() =>
        {
            Libc.SignalInformation information = default;
            while (Libc.waitid(Libc.P_PIDFD, (uint)_childPidfd.Number, &information, Libc.WEXITED) < 0
                && Marshal.GetLastPInvokeError() == Errno.EINTR)
            {
            }

            Dispose();
        })
        { IsBackground = true, Name = FormattableString.Invariant($"wait for {Pid}") }.Start();
    }

    /// <summary>Kills and reaps the process if it has not ended.</summary>
    public void Dispose()
    {
        if (Exit is null)
        {
            _ = Collect();
        }

        Pidfd.Dispose();
        // Where there is no wrapper they are one, and may be disposed of twice.
        _childPidfd.Dispose();
    }

    private ExitStatus Collect()
    {
        // Before the wait, while the zombie still keeps the number of the group from anybody else.
        KillGroup();
        Libc.SignalInformation information = default;
        int result;
        do
        {
            result = Libc.waitid(Libc.P_PIDFD, (uint)_childPidfd.Number, &information, Libc.WEXITED);
        }
        while (result < 0 && Marshal.GetLastPInvokeError() == Errno.EINTR);

        if (result < 0)
        {
            throw ErrnoException.FromLastError("waitid", $"process {Pid}");
        }

        Exit = information.Code == Libc.CLD_EXITED
            ? Unwrap(information.Status)
            : new ExitStatus(0, information.Status);
        return Exit.Value;
    }

    // bubblewrap tells a death by signal as a shell does. None of the programs ends with such a status of its own; 255 is
    // beyond them.
    private ExitStatus Unwrap(int status) =>
        _isWrapper && status is > ShellSignalBase and <= ShellSignalBase + LastSignal ? new ExitStatus(0, status - ShellSignalBase) : new ExitStatus(status, 0);
}
