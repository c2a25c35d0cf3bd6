using SplitVmm.VmmCore.Bus;
using static SplitVmm.VmmCore.Serial.UartRegisters;

namespace SplitVmm.VmmCore.Serial;

/// <summary>
/// A 16550A serial port. The line has no speed: a byte written is sent at once, so the transmitter is empty again
/// unless the sink is not ready, and what arrived is followed by silence, so the receiver's timeout interrupt comes
/// without a wait. The interrupt leaves the chip only with OUT2 set, as on a PC.
/// </summary>
public sealed class Uart16550(IInterruptLine line, ISerialSink sink) : IMmioRegion, IResettable
{
    private readonly Lock _lock = new();
    private readonly ReceiveFifo _received = new();
    private byte _ier;
    private byte _lcr;
    private byte _mcr;
    private byte _scr;
    private byte _divisorLow = 12; // 9600 baud
    private byte _divisorHigh;
    private byte _modemDeltas;
    private bool _fifosEnabled;
    private bool _overrun;
    private bool _transmitterInterrupt;
    private bool _lineHigh;

    /// <summary>The guest has taken bytes: there is room for more. Called without a lock.</summary>
    public Action? RoomToReceive { get; set; }

    private bool IsLoopback => (_mcr & MCR_LOOP) != 0;

    /// <summary>Takes bytes that arrived on the line, as many as the receiver has room for.</summary>
    /// <returns>How many were taken.</returns>
    public int Receive(ReadOnlySpan<byte> bytes)
    {
        lock (_lock)
        {
            int taken = IsLoopback ? 0 : Math.Min(bytes.Length, _received.Room);
            for (int i = 0; i < taken; i++)
            {
                _received.Push(bytes[i]);
            }

            UpdateLine();
            return taken;
        }
    }

    /// <summary>The sink is ready again: the transmitter runs empty, which may be worth an interrupt.</summary>
    public void TransmitterReady()
    {
        lock (_lock)
        {
            _transmitterInterrupt = true;
            UpdateLine();
        }
    }

    public void Read(ulong offset, Span<byte> data)
    {
        bool hadNoRoom;
        bool hasRoom;
        lock (_lock)
        {
            hadNoRoom = _received.Room == 0;
            for (int i = 0; i < data.Length; i++)
            {
                data[i] = ReadRegister((int)offset + i);
            }

            hasRoom = _received.Room > 0;
            UpdateLine();
        }

        if (hadNoRoom && hasRoom)
        {
            RoomToReceive?.Invoke();
        }
    }

    public void Write(ulong offset, ReadOnlySpan<byte> data)
    {
        lock (_lock)
        {
            for (int i = 0; i < data.Length; i++)
            {
                WriteRegister((int)offset + i, data[i]);
            }

            UpdateLine();
        }

        // The receiver may have been emptied, enlarged or taken out of loopback.
        RoomToReceive?.Invoke();
    }

    public void Reset()
    {
        lock (_lock)
        {
            _ier = _lcr = _mcr = _scr = _modemDeltas = 0;
            _divisorLow = 12;
            _divisorHigh = 0;
            _fifosEnabled = _overrun = _transmitterInterrupt = false;
            _received.SetDepth(1);
            _received.Clear();
            UpdateLine();
        }
    }

    private byte ReadRegister(int register)
    {
        bool divisor = (_lcr & LCR_DLAB) != 0;
        return register switch
        {
            RBR_THR_DLL => divisor ? _divisorLow : _received.Pop(),
            IER_DLM => divisor ? _divisorHigh : _ier,
            IIR_FCR => ReadInterruptIdentity(),
            LCR => _lcr,
            MCR => _mcr,
            LSR => ReadLineStatus(),
            MSR => ReadModemStatus(),
            SCR => _scr,
            _ => 0xFF,
        };
    }

    private void WriteRegister(int register, byte value)
    {
        bool divisor = (_lcr & LCR_DLAB) != 0;
        switch (register)
        {
            case RBR_THR_DLL when divisor:
                _divisorLow = value;
                break;
            case RBR_THR_DLL:
                Transmit(value);
                break;
            case IER_DLM when divisor:
                _divisorHigh = value;
                break;
            case IER_DLM:
                // Enabling the transmitter's interrupt while it is empty gives one at once.
                _transmitterInterrupt |= (value & ~_ier & IER_THRE) != 0 && sink.IsReady;
                _ier = (byte)(value & IER_MASK);
                break;
            case IIR_FCR:
                WriteFifoControl(value);
                break;
            case LCR:
                _lcr = value;
                break;
            case MCR:
                WriteModemControl(value);
                break;
            case SCR:
                _scr = value;
                break;
        }
    }

    private void Transmit(byte value)
    {
        _transmitterInterrupt = false;
        // The line falls while the byte is on its way: an edge-triggered input would miss the next interrupt if the
        // guest left its handler before the last byte.
        UpdateLine();
        if (!IsLoopback)
        {
            sink.Write(value);
        }
        else if (_received.Room > 0)
        {
            _received.Push(value);
        }
        else
        {
            _overrun = true;
        }

        _transmitterInterrupt = IsLoopback || sink.IsReady;
    }

    private void WriteFifoControl(byte value)
    {
        _fifosEnabled = (value & FCR_ENABLE) != 0;
        _received.SetDepth(_fifosEnabled ? ReceiveFifo.FifoDepth : 1);
        _received.Trigger = _fifosEnabled ? (value >> 6) switch { 0 => 1, 1 => 4, 2 => 8, _ => 14 } : 1;
        if (_fifosEnabled && (value & FCR_CLEAR_RECEIVER) != 0)
        {
            _received.Clear();
        }
    }

    private void WriteModemControl(byte value)
    {
        byte before = ModemInputs();
        _mcr = (byte)(value & MCR_MASK);
        byte after = ModemInputs();
        int changed = before ^ after;
        _modemDeltas |= (byte)((changed & (MSR_CTS | MSR_DSR | MSR_DCD)) >> 4);
        if ((before & ~after & MSR_RI) != 0)
        {
            _modemDeltas |= MSR_TRAILING_RI;
        }
    }

    private byte ReadInterruptIdentity()
    {
        byte identity = PendingInterrupt();
        if (identity == IIR_THRE)
        {
            _transmitterInterrupt = false;
        }

        return (byte)(identity | (_fifosEnabled ? IIR_FIFOS_ENABLED : 0));
    }

    private byte ReadLineStatus()
    {
        int status = _received.Count > 0 ? LSR_DR : 0;
        status |= _overrun ? LSR_OE : 0;
        status |= IsLoopback || sink.IsReady ? LSR_THRE | LSR_TEMT : 0;
        _overrun = false;
        return (byte)status;
    }

    private byte ReadModemStatus()
    {
        byte status = (byte)(ModemInputs() | _modemDeltas);
        _modemDeltas = 0;
        return status;
    }

    // A partner that is always there; in loopback the chip's own outputs.
    private byte ModemInputs()
    {
        if (!IsLoopback)
        {
            return MSR_CTS | MSR_DSR | MSR_DCD;
        }

        int inputs = (_mcr & MCR_RTS) != 0 ? MSR_CTS : 0;
        inputs |= (_mcr & MCR_DTR) != 0 ? MSR_DSR : 0;
        inputs |= (_mcr & MCR_OUT1) != 0 ? MSR_RI : 0;
        inputs |= (_mcr & MCR_OUT2) != 0 ? MSR_DCD : 0;
        return (byte)inputs;
    }

    // By priority, data sheet table IV.
    private byte PendingInterrupt()
    {
        if ((_ier & IER_RLS) != 0 && _overrun)
        {
            return IIR_RLS;
        }

        if ((_ier & IER_RDA) != 0 && _received.Count > 0)
        {
            return _received.Count >= _received.Trigger ? IIR_RDA : IIR_TIMEOUT;
        }

        if ((_ier & IER_THRE) != 0 && _transmitterInterrupt)
        {
            return IIR_THRE;
        }

        return (_ier & IER_MS) != 0 && _modemDeltas != 0 ? IIR_MS : IIR_NO_INTERRUPT;
    }

    private void UpdateLine()
    {
        bool high = (_mcr & MCR_OUT2) != 0 && PendingInterrupt() != IIR_NO_INTERRUPT;
        if (high != _lineHigh)
        {
            _lineHigh = high;
            line.SetLevel(high);
        }
    }
}
