using SplitVmm.Platform.Events;
using SplitVmm.Platform.Sockets;
using SplitVmm.Wires.Framing;
using SplitVmm.Wires.Input;
using static SplitVmm.Wires.Input.EventCodes;

namespace SplitVmm.DisplayProcess.Input;

/// <summary>
/// What the user does, as reports on the input wire. Motion is coalesced, everything else keeps its order; when the
/// guest falls too far behind, what waits is dropped and every key that it holds for pressed is released, so that
/// no key sticks. Without a wire everything is dropped.
/// </summary>
internal sealed class InputReporter : IInputWireSourceHandler, IDisposable
{
    /// <summary>Events of the longest report made here: both wheels, both resolutions, SYN_REPORT.</summary>
    public const int MostEvents = 5;

    private static readonly InputEvent s_end = new(EV_SYN, SYN_REPORT, 0);

    private readonly InputWireSource? _wire;
    private readonly Action<string> _log;
    private readonly KeySet _pressed = new();
    private readonly KeySet _guestHolds = new();
    private readonly ReportQueue _queue = new();
    private readonly WheelAxis _vertical = new(REL_WHEEL, REL_WHEEL_HI_RES);
    private readonly WheelAxis _horizontal = new(REL_HWHEEL, REL_HWHEEL_HI_RES);
    private bool _ready;
    private bool _overflowed;
    private bool _motionPending;
    private int _x;
    private int _y;

    /// <param name="socket">The input wire; null: there is none.</param>
    /// <param name="log">Takes one line for the user.</param>
    public InputReporter(EventLoop loop, UnixSocket? socket, Action<string> log)
    {
        _log = log;
        _wire = socket is null ? null : new InputWireSource(loop, socket, this);
    }

    /// <summary>Events sent, SYN_REPORT not counted.</summary>
    public ulong EventsSent { get; private set; }

    /// <summary>The keyboard lights as the guest last set them.</summary>
    public LedStates Leds { get; private set; }

    /// <summary>A key or button changed. A second press, and a release of what is not down, are dropped.</summary>
    public void Press(InputDeviceKind device, ushort code, bool down)
    {
        if (code == 0 || _pressed.Contains(code) == down)
        {
            return;
        }

        _pressed.Set(code, down);
        FlushMotion();
        Send(device, [new InputEvent(EV_KEY, code, down ? 1 : 0), s_end]);
    }

    /// <summary>The pointer is here, 0 to <see cref="InputProtocol.AbsoluteMaximum"/>. Sent by <see cref="Flush"/>.</summary>
    public void MoveTo(int x, int y)
    {
        _motionPending |= x != _x || y != _y;
        _x = x;
        _y = y;
    }

    /// <summary>The wheel turned, in notches; positive away from the user and to the right.</summary>
    public void Turn(double vertical, double horizontal)
    {
        FlushMotion();
        Span<InputEvent> events = stackalloc InputEvent[MostEvents];
        int count = _vertical.Turn(vertical, events);
        count += _horizontal.Turn(horizontal, events[count..]);
        if (count > 0)
        {
            events[count++] = s_end;
            Send(InputDeviceKind.Tablet, events[..count]);
        }
    }

    /// <summary>Releases all keys and buttons: the window lost the focus and will not see their release.</summary>
    public void ReleaseAll()
    {
        FlushMotion();
        while (_pressed.TryTake(out ushort code))
        {
            Send(DeviceOf(code), [new InputEvent(EV_KEY, code, 0), s_end]);
        }
    }

    /// <summary>Sends a motion that waits for the end of a burst.</summary>
    public void Flush() => FlushMotion();

    public void OnReady() => _ready = true;

    public void OnLeds(LedStates lit) => Leds = lit;

    public void OnWritable()
    {
        if (_overflowed)
        {
            _overflowed = false;
            while (_guestHolds.TryTake(out ushort code))
            {
                Enqueue(DeviceOf(code), [new InputEvent(EV_KEY, code, 0), s_end]);
            }
        }

        while (!_queue.IsEmpty)
        {
            ReadOnlySpan<InputEvent> events = _queue.Peek(out InputDeviceKind device);
            if (_wire!.SendEvents(device, events) == SocketStatus.WouldBlock)
            {
                return;
            }

            Count(events);
            _queue.Remove();
        }

        FlushMotion();
    }

    public void OnClosed(WireError? violation)
    {
        _ready = false;
        _queue.Clear();
        _log(violation is null ? "input: vmm-core closed the wire" : $"input: {violation}");
    }

    public void Dispose() => _wire?.Dispose();

    private static InputDeviceKind DeviceOf(ushort code) =>
        code is >= BTN_MISC and < KEY_OK ? InputDeviceKind.Tablet : InputDeviceKind.Keyboard;

    private void FlushMotion()
    {
        // While older reports wait the newest position waits with them, and counts only once.
        if (_motionPending && _queue.IsEmpty)
        {
            _motionPending = false;
            SocketStatus status = TrySend(
                InputDeviceKind.Tablet, [new InputEvent(EV_ABS, ABS_X, _x), new InputEvent(EV_ABS, ABS_Y, _y), s_end]);
            _motionPending = status == SocketStatus.WouldBlock && _ready;
        }
    }

    private void Send(InputDeviceKind device, ReadOnlySpan<InputEvent> events)
    {
        if (!_queue.IsEmpty || TrySend(device, events) == SocketStatus.WouldBlock)
        {
            Enqueue(device, events);
        }
    }

    private void Enqueue(InputDeviceKind device, ReadOnlySpan<InputEvent> events)
    {
        if (_ready && !_overflowed && !_queue.TryAdd(device, events))
        {
            _queue.Clear();
            while (_pressed.TryTake(out _))
            {
                // The releases that make up for these come from what the guest holds.
            }

            _overflowed = true;
            _log("input: the guest takes no input; what waited was dropped");
        }
    }

    private SocketStatus TrySend(InputDeviceKind device, ReadOnlySpan<InputEvent> events)
    {
        // Before the guest's side is there nothing is worth keeping: nobody waits for it.
        if (_wire is null || !_ready)
        {
            return SocketStatus.Closed;
        }

        SocketStatus status = _overflowed ? SocketStatus.WouldBlock : _wire.SendEvents(device, events);
        if (status == SocketStatus.Done)
        {
            Count(events);
        }

        return status;
    }

    private void Count(ReadOnlySpan<InputEvent> sent)
    {
        EventsSent += (ulong)(sent.Length - 1);
        if (sent[0].Type == EV_KEY)
        {
            _guestHolds.Set(sent[0].Code, sent[0].Value != 0);
        }
    }
}
