using System.Runtime.InteropServices;
using SplitVmm.DesktopService.Interop;
using SplitVmm.Platform.Errors;

namespace SplitVmm.DesktopService.Consoles;

/// <summary>
/// The terminal in raw mode, for the guest's console: every key goes to the guest. Disposing restores what was
/// before; so does the end of the process by a signal that .NET sees, or by an exception.
/// </summary>
internal sealed unsafe class TerminalMode : IDisposable
{
    private readonly int _fd;
    private readonly Libc.Termios _before;
    private readonly Libc.Termios _raw;
    private readonly PosixSignalRegistration _continued;
    private int _restored;

    private TerminalMode(int fd, Libc.Termios before)
    {
        _fd = fd;
        _before = before;
        Libc.Termios raw = before;
        Libc.cfmakeraw(&raw);
        // Line ends are still translated, for the messages of this program; the guest's own do not suffer.
        raw.OutputFlags = before.OutputFlags;
        _raw = raw;
        AppDomain.CurrentDomain.ProcessExit += OnProcessExit;
        AppDomain.CurrentDomain.UnhandledException += OnProcessExit;
        // The shell may have set its own mode while this program was stopped.
        _continued = PosixSignalRegistration.Create(PosixSignal.SIGCONT, _ => Apply(in _raw));
        Apply(in _raw);
    }

    /// <summary>
    /// Null if <paramref name="fd"/> is not a terminal, or belongs to another job now: a background job that
    /// touched it would be stopped.
    /// </summary>
    public static TerminalMode? TryMakeRaw(int fd)
    {
        Libc.Termios before;
        return IsForeground(fd) && Libc.tcgetattr(fd, &before) == 0 ? new TerminalMode(fd, before) : null;
    }

    public static bool IsTerminal(int fd) => Libc.isatty(fd) == 1;

    public static bool IsForeground(int fd) => IsTerminal(fd) && Libc.tcgetpgrp(fd) == Libc.getpgrp();

    /// <summary>Columns and rows; null if it is not a terminal or does not know.</summary>
    public static (int Columns, int Rows)? SizeOf(int fd)
    {
        Libc.WindowSize size = default;
        return Libc.ioctl(fd, Libc.TIOCGWINSZ, &size) == 0 && size is { Rows: > 0, Columns: > 0 }
            ? (size.Columns, size.Rows)
            : null;
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _restored, 1) != 0)
        {
            return;
        }

        AppDomain.CurrentDomain.ProcessExit -= OnProcessExit;
        AppDomain.CurrentDomain.UnhandledException -= OnProcessExit;
        _continued.Dispose();
        Apply(in _before);
    }

    private void OnProcessExit(object? sender, EventArgs e) => Apply(in _before);

    private void Apply(in Libc.Termios mode)
    {
        fixed (Libc.Termios* native = &mode)
        {
            int result;
            do
            {
                result = Libc.tcsetattr(_fd, Libc.TCSANOW, native);
            }
            while (result < 0 && Marshal.GetLastPInvokeError() == Errno.EINTR);
        }
    }
}
