using System.Runtime.InteropServices;
using SplitVmm.DesktopService.Interop;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Errors;

namespace SplitVmm.DesktopService.Consoles;

/// <summary>
/// Carries standard input to the guest's serial port, on a thread of its own, until it is disposed. Keys that the
/// guest does not take are dropped, as a real serial line does; other input waits for the guest.
/// </summary>
internal sealed unsafe class ConsoleReader : IDisposable
{
    private const int BufferSize = 1024;

    private readonly int _source;
    private readonly Descriptor _guest;
    private readonly EscapeFilter? _escapes;
    private readonly Action<KeyMeaning> _onEscape;
    private readonly EventFd _stop = EventFd.Create();
    private readonly Thread _thread;

    /// <param name="source">Descriptor to read, for example 0.</param>
    /// <param name="guest">Pipe to the guest; stays the caller's.</param>
    /// <param name="escapes">Null if the source is not a terminal: its bytes then all belong to the guest.</param>
    /// <param name="onEscape">Called on the reader's thread.</param>
    public ConsoleReader(int source, Descriptor guest, EscapeFilter? escapes, Action<KeyMeaning> onEscape)
    {
        _source = source;
        _guest = guest;
        _escapes = escapes;
        _onEscape = onEscape;
        guest.SetNonBlocking(true);
        _thread = new Thread(Run) { IsBackground = true, Name = "console input" };
        _thread.Start();
    }

    /// <summary>What was typed but not read yet stays for whoever reads the terminal next.</summary>
    public void Dispose()
    {
        _ = _stop.Signal();
        _thread.Join();
        _stop.Dispose();
    }

    private void Run()
    {
        byte* buffer = stackalloc byte[BufferSize];
        while (Wait(_source, Libc.POLLIN))
        {
            nint count = Libc.read(_source, buffer, BufferSize);
            if (count <= 0)
            {
                if (count < 0 && Marshal.GetLastPInvokeError() is Errno.EINTR or Errno.EAGAIN)
                {
                    continue;
                }

                return;
            }

            // The kernel wrote count bytes of the buffer of this frame.
            var bytes = new Span<byte>(buffer, (int)count);
            int kept = _escapes is null ? bytes.Length : TakeEscapes(bytes, _escapes);
            if (!Send(buffer, kept))
            {
                return;
            }
        }
    }

    // Compacts in place; returns how many bytes are left for the guest.
    private int TakeEscapes(Span<byte> bytes, EscapeFilter escapes)
    {
        int kept = 0;
        foreach (byte key in bytes)
        {
            KeyMeaning meaning = escapes.Take(key, out byte forGuest);
            switch (meaning)
            {
                case KeyMeaning.Pass:
                    bytes[kept++] = forGuest;
                    break;
                case KeyMeaning.Quit or KeyMeaning.Help:
                    _onEscape(meaning);
                    break;
            }
        }

        return kept;
    }

    /// <returns>False: there is nobody to send to, or this is to stop.</returns>
    private bool Send(byte* bytes, int count)
    {
        int sent = 0;
        while (sent < count)
        {
            // The caller's buffer holds count bytes.
            nint written = Libc.write(_guest.Number, bytes + sent, (nuint)(count - sent));
            if (written > 0)
            {
                sent += (int)written;
                continue;
            }

            switch (Marshal.GetLastPInvokeError())
            {
                case Errno.EINTR:
                    break;
                case Errno.EAGAIN when _escapes is not null:
                    return true;
                case Errno.EAGAIN:
                    if (!Wait(_guest.Number, Libc.POLLOUT))
                    {
                        return false;
                    }

                    break;
                default:
                    return false;
            }
        }

        return true;
    }

    /// <returns>False if this is to stop.</returns>
    private bool Wait(int fd, short events)
    {
        Libc.PollEntry* entries = stackalloc Libc.PollEntry[2];
        entries[0] = new Libc.PollEntry { Descriptor = fd, Events = events };
        entries[1] = new Libc.PollEntry { Descriptor = _stop.Number, Events = Libc.POLLIN };
        int result;
        do
        {
            result = Libc.poll(entries, 2, -1);
        }
        while (result < 0 && Marshal.GetLastPInvokeError() == Errno.EINTR);

        return result > 0 && entries[1].Returned == 0;
    }
}
