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
    /// <summary>Events of the longest report made here, SYN_REPORT with it.</summary>
    public const int MostEvents = TouchContacts.MostEvents + 1;

    // What the wire takes for one report; a hand makes less in a whole burst.
    private const int MostRelative = ushort.MaxValue;

    private static readonly InputEvent s_end = new(EV_SYN, SYN_REPORT, 0);

    private readonly InputWireSource? _wire;
    private readonly Action<string> _log;
    private readonly KeySet _pressed = new();
    private readonly TouchContacts _contacts = new();
    private readonly GuestHolds _guestHolds = new();
    private readonly ReportQueue _queue = new();
    private readonly WheelAxis _vertical = new(REL_WHEEL, REL_WHEEL_HI_RES);
    private readonly WheelAxis _horizontal = new(REL_HWHEEL, REL_HWHEEL_HI_RES);
    private bool _ready;
    private bool _overflowed;
    private bool _motionPending;
    private int _x;
    private int _y;
    private int _relativeX;
    private int _relativeY;

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

    /// <summary>
    /// The device that buttons and wheels are those of: the tablet, or the mouse while the pointer is grabbed. A change releases
    /// the buttons that are down, so that each comes up on the device that it went down on.
    /// </summary>
    public InputDeviceKind Pointer { get; private set; } = InputDeviceKind.Tablet;

    /// <param name="isRelative">Movement is told by <see cref="MoveBy"/> from now on; otherwise by <see cref="MoveTo"/>.</param>
    public void SetRelative(bool isRelative)
    {
        for (ushort code = BTN_LEFT; code <= BTN_TASK; code++)
        {
            Press(code, down: false);
        }

        FlushMotion();
        Pointer = isRelative ? InputDeviceKind.Mouse : InputDeviceKind.Tablet;
    }

    /// <summary>A key or button changed. A second press, and a release of what is not down, are dropped.</summary>
    public void Press(ushort code, bool down)
    {
        if (code == 0 || _pressed.Contains(code) == down)
        {
            return;
        }

        _pressed.Set(code, down);
        FlushMotion();
        Send(DeviceOf(code), [new InputEvent(EV_KEY, code, down ? 1 : 0), s_end]);
    }

    /// <summary>The mouse moved by this many of its steps. Sent by <see cref="Flush"/>, in one with other movement.</summary>
    public void MoveBy(int x, int y)
    {
        _relativeX = Math.Clamp(_relativeX + x, -MostRelative, MostRelative);
        _relativeY = Math.Clamp(_relativeY + y, -MostRelative, MostRelative);
    }

    /// <summary>A finger came down or moved: <see cref="TouchContacts.Place"/>.</summary>
    public void Touch(long finger, bool isNew, int x, int y)
    {
        Span<InputEvent> events = stackalloc InputEvent[MostEvents];
        SendTouch(events, _contacts.Place(finger, isNew, x, y, events));
    }

    /// <summary>A finger left the screen.</summary>
    public void Lift(long finger)
    {
        Span<InputEvent> events = stackalloc InputEvent[MostEvents];
        SendTouch(events, _contacts.Lift(finger, events));
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
            Send(Pointer, events[..count]);
        }
    }

    /// <summary>Releases all keys, buttons and fingers: the window lost the focus and will not see their release.</summary>
    public void ReleaseAll()
    {
        FlushMotion();
        Span<InputEvent> events = stackalloc InputEvent[MostEvents];
        while (_contacts.LiftAny(events) is > 0 and int count)
        {
            SendTouch(events, count);
        }

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
            Span<InputEvent> release = stackalloc InputEvent[MostEvents];
            while (_guestHolds.TryTakeRelease(release, out InputDeviceKind device) is > 0 and int count)
            {
                release[count++] = s_end;
                Enqueue(device, release[..count]);
            }
        }

        while (!_queue.IsEmpty)
        {
            ReadOnlySpan<InputEvent> events = _queue.Peek(out InputDeviceKind device);
            if (_wire!.SendEvents(device, events) == SocketStatus.WouldBlock)
            {
                return;
            }

            Count(device, events);
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

    private InputDeviceKind DeviceOf(ushort code) => code is >= BTN_MISC and < KEY_OK ? Pointer : InputDeviceKind.Keyboard;

    private void SendTouch(Span<InputEvent> events, int count)
    {
        if (count > 0)
        {
            events[count++] = s_end;
            Send(InputDeviceKind.Touch, events[..count]);
        }
    }

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

        if ((_relativeX, _relativeY) != (0, 0) && _queue.IsEmpty)
        {
            SocketStatus status = TrySend(
                InputDeviceKind.Mouse, [new InputEvent(EV_REL, REL_X, _relativeX), new InputEvent(EV_REL, REL_Y, _relativeY), s_end]);
            if (status != SocketStatus.WouldBlock)
            {
                (_relativeX, _relativeY) = (0, 0);
            }
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

            _contacts.Clear();

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
            Count(device, events);
        }

        return status;
    }

    private void Count(InputDeviceKind device, ReadOnlySpan<InputEvent> sent)
    {
        EventsSent += (ulong)(sent.Length - 1);
        _guestHolds.Note(device, sent);
    }
}
