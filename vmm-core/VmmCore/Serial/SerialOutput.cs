using System.Runtime.InteropServices;
using System.Text;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Errors;
using SplitVmm.VmmCore.Interop;

namespace SplitVmm.VmmCore.Serial;

/// <summary>
/// Carries a serial port's bytes to a descriptor, a terminal or a pipe, on a thread of its own and in batches. A
/// reader that is slow holds the transmitter back; one that has stopped for a second costs the guest bytes, not
/// time, and is told how many when it reads again.
/// </summary>
public sealed unsafe class SerialOutput : ISerialSink, IDisposable
{
    private const int Capacity = 1 << 16;

    // While the writer collects for this long, a line of text becomes one write instead of eighty.
    private static readonly TimeSpan s_gather = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_farewell = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly AutoResetEvent _wake = new(false);
    private readonly ManualResetEventSlim _idle = new(true);
    private readonly Descriptor _output;
    private readonly byte[] _ring = new byte[Capacity];
    private readonly Thread _writer;
    private int _first;
    private int _count;
    private long _lost;
    private long _lastProgress = Environment.TickCount64;
    private bool _heldBack;
    private bool _broken;
    private volatile bool _ending;

    /// <summary>Takes ownership of <paramref name="output"/>.</summary>
    public SerialOutput(Descriptor output)
    {
        _output = output;
        _writer = new Thread(WriteLoop) { Name = "serial-out", IsBackground = true };
        _writer.Start();
    }

    public Action? BecameReady { get; set; }

    public bool IsReady
    {
        get
        {
            lock (_lock)
            {
                bool ready = _count < Capacity || _broken || HasStalled;
                _heldBack |= !ready;
                return ready;
            }
        }
    }

    private bool HasStalled => Environment.TickCount64 - _lastProgress > (long)s_patience.TotalMilliseconds;

    public void Write(byte value)
    {
        bool wasEmpty;
        lock (_lock)
        {
            if (_broken)
            {
                return;
            }

            if (_count == Capacity)
            {
                _lost++;
                return;
            }

            wasEmpty = _count == 0;
            if (wasEmpty)
            {
                _lastProgress = Environment.TickCount64;
                _idle.Reset();
            }

            _ring[(_first + _count) % Capacity] = value;
            _count++;
        }

        if (wasEmpty)
        {
            _wake.Set();
        }
    }

    /// <summary>Writes what is left, for at most a second, and ends the thread.</summary>
    public void Dispose()
    {
        _idle.Wait(s_farewell);
        _ending = true;
        _wake.Set();
        // A writer stuck in a stopped terminal is left behind with its descriptor; it ends with the process.
        if (_writer.Join(s_gather * 100))
        {
            _output.Dispose();
            _wake.Dispose();
            _idle.Dispose();
        }
    }

    private void WriteLoop()
    {
        while (!_ending)
        {
            _wake.WaitOne();
            Thread.Sleep(s_gather);
            while (WriteSome())
            {
            }
        }
    }

    // Only this thread moves _first, so the bytes from there on stay put while they are written without the lock.
    private bool WriteSome()
    {
        int first;
        int length;
        lock (_lock)
        {
            first = _first;
            length = Math.Min(_count, Capacity - _first);
        }

        if (length == 0)
        {
            return false;
        }

        int written = TryWrite(_ring.AsSpan(first, length));
        Action? ready = null;
        long lost = 0;
        lock (_lock)
        {
            _broken |= written < 0;
            int done = written < 0 ? _count : written;
            _first = (_first + done) % Capacity;
            _count -= done;
            _lastProgress = Environment.TickCount64;
            if (_count < Capacity / 2)
            {
                ready = _heldBack ? BecameReady : null;
                _heldBack = false;
                (lost, _lost) = (_lost, 0);
            }

            if (_count == 0)
            {
                _idle.Set();
            }
        }

        if (lost > 0)
        {
            _ = TryWrite(Encoding.ASCII.GetBytes($"\r\n[vmm-core: the terminal was too slow, {lost} bytes of serial output are lost]\r\n"));
        }

        ready?.Invoke();
        return true;
    }

    /// <returns>Bytes written, at least one; -1 if nobody will ever read them.</returns>
    private int TryWrite(ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
        {
            while (true)
            {
                // The span is pinned until write returns.
                nint written = Libc.write(_output, start, (nuint)bytes.Length);
                if (written > 0)
                {
                    return (int)written;
                }

                switch (Marshal.GetLastPInvokeError())
                {
                    case Errno.EINTR:
                        continue;
                    case Errno.EAGAIN:
                        WaitUntilWritable();
                        continue;
                    default:
                        return -1;
                }
            }
        }
    }

    // The terminal may have been made non-blocking by whoever shares it.
    private void WaitUntilWritable()
    {
        var wait = new Libc.PollDescriptor { Fd = _output.Number, Events = Libc.POLLOUT };
        _ = Libc.poll(&wait, 1, -1);
    }
}
