using System.Runtime.InteropServices;
using System.Text;

namespace SplitVmm.DesktopService.Tests.Interop;

/// <summary>A pseudo-terminal: the test is the person and the screen.</summary>
internal sealed unsafe partial class Pty : IDisposable
{
    private const int O_RDWR = 2;
    private const int O_NOCTTY = 0x100;
    private const int O_CLOEXEC = 0x80000;
    private const nuint TIOCSWINSZ = 0x5414;

    private readonly int _master;
    private readonly int _slave;
    private readonly StringBuilder _screen = new();

    public Pty()
    {
        _master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
        byte* name = stackalloc byte[64];
        if (_master < 0 || grantpt(_master) != 0 || unlockpt(_master) != 0 || ptsname_r(_master, name, 64) != 0)
        {
            throw new InvalidOperationException("no pseudo-terminal");
        }

        Name = Marshal.PtrToStringUTF8((nint)name)!;
        // Held open, so that its settings can be looked at after the program has ended.
        _slave = open(Name, O_RDWR | O_NOCTTY | O_CLOEXEC);
        ushort* size = stackalloc ushort[4] { 24, 100, 0, 0 };
        _ = ioctl(_master, TIOCSWINSZ, size);
        new Thread(Read) { IsBackground = true }.Start();
    }

    public string Name { get; }

    public string Screen
    {
        get
        {
            lock (_screen)
            {
                return _screen.ToString();
            }
        }
    }

    /// <summary>All of <c>struct termios</c>, to compare.</summary>
    public string Settings()
    {
        byte* mode = stackalloc byte[60];
        return tcgetattr(_slave, mode) == 0 ? Convert.ToHexString(new ReadOnlySpan<byte>(mode, 60)) : "none";
    }

    public void Type(string keys)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(keys);
        fixed (byte* data = bytes)
        {
            _ = write(_master, data, (nuint)bytes.Length);
        }
    }

    public bool WaitFor(string text, TimeSpan limit) => WaitFor(() => Screen.Contains(text, StringComparison.Ordinal), limit);

    public static bool WaitFor(Func<bool> condition, TimeSpan limit)
    {
        var clock = System.Diagnostics.Stopwatch.StartNew();
        while (!condition())
        {
            if (clock.Elapsed > limit)
            {
                return false;
            }

            Thread.Sleep(20);
        }

        return true;
    }

    public void Dispose()
    {
        // The reader ends with an error once the last slave is closed.
        _ = close(_slave);
    }

    private void Read()
    {
        byte* buffer = stackalloc byte[4096];
        for (nint count = read(_master, buffer, 4096); count > 0; count = read(_master, buffer, 4096))
        {
            lock (_screen)
            {
                _ = _screen.Append(Encoding.UTF8.GetString(buffer, (int)count));
            }
        }

        _ = close(_master);
    }

    [LibraryImport("libc")]
    private static partial int posix_openpt(int flags);

    [LibraryImport("libc")]
    private static partial int grantpt(int fd);

    [LibraryImport("libc")]
    private static partial int unlockpt(int fd);

    [LibraryImport("libc")]
    private static partial int ptsname_r(int fd, byte* buffer, nuint length);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc")]
    private static partial int close(int fd);

    [LibraryImport("libc")]
    private static partial nint read(int fd, byte* buffer, nuint count);

    [LibraryImport("libc")]
    private static partial nint write(int fd, byte* buffer, nuint count);

    [LibraryImport("libc")]
    private static partial int tcgetattr(int fd, byte* mode);

    [LibraryImport("libc")]
    private static partial int ioctl(int fd, nuint request, void* argument);
}
