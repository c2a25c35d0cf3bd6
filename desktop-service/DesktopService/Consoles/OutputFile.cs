using System.Runtime.InteropServices;
using System.Text;
using SplitVmm.DesktopService.Interop;
using SplitVmm.Platform.Errors;

namespace SplitVmm.DesktopService.Consoles;

/// <summary>
/// Standard output or standard error, unbuffered. <see cref="System.Console"/> is not used: it keeps settings of the
/// terminal of its own, and restores them when it thinks right.
/// </summary>
internal sealed unsafe class OutputFile(int fd) : IConsoleSink
{
    public static OutputFile StandardOutput { get; } = new(1);

    public static OutputFile StandardError { get; } = new(2);

    public int Number => fd;

    public bool IsTerminal => TerminalMode.IsTerminal(fd);

    /// <summary>Writes all of it. If nobody reads any more, it is lost in silence: the guest goes on.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        fixed (byte* data = bytes)
        {
            int written = 0;
            while (written < bytes.Length)
            {
                // The pinned span holds what is left.
                nint count = Libc.write(fd, data + written, (nuint)(bytes.Length - written));
                if (count > 0)
                {
                    written += (int)count;
                }
                else if (!MayRetry())
                {
                    return;
                }
            }
        }
    }

    public void WriteText(string text) => Write(Encoding.UTF8.GetBytes(text));

    public void WriteLine(string line) => WriteText(line + '\n');

    // Some other program may have made the terminal non-blocking for all of its users.
    private bool MayRetry()
    {
        switch (Marshal.GetLastPInvokeError())
        {
            case Errno.EINTR:
                return true;
            case Errno.EAGAIN:
                var entry = new Libc.PollEntry { Descriptor = fd, Events = Libc.POLLOUT };
                return Libc.poll(&entry, 1, -1) > 0;
            default:
                return false;
        }
    }
}
