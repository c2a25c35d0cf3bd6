using System.Runtime.InteropServices;
using SplitVmm.DesktopService.Interop;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Errors;

namespace SplitVmm.DesktopService.Consoles;

/// <summary>
/// Carries the guest's serial output to where it is shown, on a thread of its own: a terminal that was stopped holds
/// up the guest's console and nothing else. Ends by itself when vmm-core has ended.
/// </summary>
internal sealed unsafe class ConsoleWriter : IDisposable
{
    private const int BufferSize = 4096;

    /// <summary>What vmm-core wrote last is shown within this time, unless the terminal stands still.</summary>
    private static readonly TimeSpan LastOutputLimit = TimeSpan.FromMilliseconds(300);

    private readonly Descriptor _guest;
    private readonly IConsoleSink _sink;
    private readonly Thread _thread;

    /// <param name="guest">Pipe from the guest; ownership passes.</param>
    /// <param name="sink">Written to from the new thread.</param>
    public ConsoleWriter(Descriptor guest, IConsoleSink sink)
    {
        _guest = guest;
        _sink = sink;
        _thread = new Thread(Run) { IsBackground = true, Name = "console output" };
        _thread.Start();
    }

    public void Dispose()
    {
        // A thread that still writes keeps the descriptor; the process is about to end.
        if (_thread.Join(LastOutputLimit))
        {
            _guest.Dispose();
        }
    }

    private void Run()
    {
        byte* buffer = stackalloc byte[BufferSize];
        for (; ; )
        {
            nint count = Libc.read(_guest.Number, buffer, BufferSize);
            if (count > 0)
            {
                // The kernel wrote count bytes of the buffer of this frame.
                _sink.Write(new ReadOnlySpan<byte>(buffer, (int)count));
            }
            else if (count == 0 || Marshal.GetLastPInvokeError() != Errno.EINTR)
            {
                return;
            }
        }
    }
}
