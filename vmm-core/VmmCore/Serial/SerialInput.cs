using System.Runtime.InteropServices;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Errors;
using SplitVmm.VmmCore.Interop;

namespace SplitVmm.VmmCore.Serial;

/// <summary>
/// Carries bytes from a descriptor (a terminal, a pipe, a file) into a serial port, as fast as the guest takes
/// them. The thread reads blocking, because not everything that can be standard input can be polled.
/// </summary>
public sealed unsafe class SerialInput
{
    private readonly Descriptor _input;
    private readonly Uart16550 _uart;
    private readonly object _room = new();
    private bool _hasRoom;

    /// <summary>Starts carrying. The thread ends with the input, or with the process.</summary>
    public SerialInput(Descriptor input, Uart16550 uart)
    {
        _input = input;
        _uart = uart;
        uart.RoomToReceive = SignalRoom;
        new Thread(ReadLoop) { Name = "serial-in", IsBackground = true }.Start();
    }

    private void ReadLoop()
    {
        var buffer = new byte[256];
        while (true)
        {
            nint count;
            fixed (byte* start = buffer)
            {
                // The buffer is pinned until read returns.
                count = Libc.read(_input, start, (nuint)buffer.Length);
            }

            if (count > 0)
            {
                Deliver(buffer.AsSpan(0, (int)count));
                continue;
            }

            int errno = count == 0 ? 0 : Marshal.GetLastPInvokeError();
            if (errno == Errno.EAGAIN)
            {
                var wait = new Libc.PollDescriptor { Fd = _input.Number, Events = Libc.POLLIN };
                _ = Libc.poll(&wait, 1, -1);
            }
            else if (errno != Errno.EINTR)
            {
                // The end of the input, or a terminal that has gone: the guest goes on without.
                return;
            }
        }
    }

    private void Deliver(ReadOnlySpan<byte> bytes)
    {
        while (true)
        {
            bytes = bytes[_uart.Receive(bytes)..];
            if (bytes.IsEmpty)
            {
                return;
            }

            lock (_room)
            {
                while (!_hasRoom)
                {
                    Monitor.Wait(_room);
                }

                _hasRoom = false;
            }
        }
    }

    private void SignalRoom()
    {
        lock (_room)
        {
            _hasRoom = true;
            Monitor.Pulse(_room);
        }
    }
}
