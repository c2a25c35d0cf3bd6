using SplitVmm.Wires.Framing;
using static SplitVmm.Wires.Input.EventCodes;

namespace SplitVmm.Wires.Input;

/// <summary>
/// Which events a device may report. vmm-core trusts display-process no more than it must: the guest sees only
/// whole reports of events that its devices announced.
/// </summary>
public static class InputValidation
{
    internal const string Wire = "input wire";

    /// <summary>display-process's end.</summary>
    internal static readonly WireEnd Source = new(
        Wire, InputProtocol.Magic, InputProtocol.Version, InputProtocol.MaxMessageSize,
        (uint)InputRole.Source, (uint)InputRole.Sink, nameof(InputRole.Sink));

    /// <summary>vmm-core's end.</summary>
    internal static readonly WireEnd Sink = new(
        Wire, InputProtocol.Magic, InputProtocol.Version, InputProtocol.MaxMessageSize,
        (uint)InputRole.Sink, (uint)InputRole.Source, nameof(InputRole.Source));

    private const string Message = "events";

    // A relative step or wheel turn beyond this is no hand's doing.
    private const int MaxRelative = 0xFFFF;

    /// <summary>A whole report of one device.</summary>
    /// <returns>Null or what is wrong.</returns>
    public static WireError? Check(InputDeviceKind device, ReadOnlySpan<InputEvent> events)
    {
        if (device is < InputDeviceKind.Keyboard or > InputDeviceKind.Touch)
        {
            return Error(Message, "device", $"{(uint)device} is unknown");
        }

        if (events.Length is < 2 or > InputProtocol.MaxEvents)
        {
            return Error(Message, "count", $"{events.Length} is not in 2..{InputProtocol.MaxEvents}");
        }

        foreach (ref readonly InputEvent item in events[..^1])
        {
            if (!IsAllowed(device, in item))
            {
                return Error(
                    Message, "event", $"type {item.Type}, code 0x{item.Code:x}, value {item.Value} is not for device {device}");
            }
        }

        ref readonly InputEvent last = ref events[^1];
        return last.Type == EV_SYN && last.Code == SYN_REPORT && last.Value == 0
            ? null
            : Error(Message, "event", "the last one is not SYN_REPORT");
    }

    internal static WireError? Check(in InputLeds value)
    {
        if ((value.Lit & ~LedStates.All) != 0)
        {
            return Error("leds", "lit", $"0x{(uint)value.Lit:x} has unknown bits");
        }

        return value.Reserved == 0 ? null : Error("leds", "reserved", $"{value.Reserved} is not zero");
    }

    internal static WireError Error(string message, string field, string problem) => new(Wire, message, field, problem);

    private static bool IsAllowed(InputDeviceKind device, in InputEvent item) => device switch
    {
        InputDeviceKind.Keyboard => item.Type == EV_KEY && IsPressOrRelease(item.Value) && IsKeyboardKey(item.Code),
        InputDeviceKind.Tablet => IsButton(in item) || IsWheel(in item)
            || (item.Type == EV_ABS && (item.Code is ABS_X or ABS_Y) && IsPosition(item.Value)),
        InputDeviceKind.Mouse => IsButton(in item) || IsWheel(in item)
            || (item.Type == EV_REL && (item.Code is REL_X or REL_Y) && IsRelative(item.Value)),
        InputDeviceKind.Touch => IsTouch(in item),
        _ => false,
    };

    private static bool IsTouch(in InputEvent item) => item.Type switch
    {
        EV_KEY => item.Code == BTN_TOUCH && IsPressOrRelease(item.Value),
        EV_ABS => item.Code switch
        {
            ABS_X or ABS_Y or ABS_MT_POSITION_X or ABS_MT_POSITION_Y => IsPosition(item.Value),
            ABS_MT_SLOT => item.Value is >= 0 and < InputProtocol.MaxTouchSlots,
            ABS_MT_TRACKING_ID => item.Value is >= -1 and <= ushort.MaxValue,
            _ => false,
        },
        _ => false,
    };

    // Auto-repeat (2) is the guest's own business.
    private static bool IsPressOrRelease(int value) => value is 0 or 1;

    private static bool IsKeyboardKey(ushort code) => code is (>= 1 and < BTN_MISC) or (>= KEY_OK and <= KEY_MAX);

    private static bool IsButton(in InputEvent item) =>
        item.Type == EV_KEY && item.Code is >= BTN_LEFT and <= BTN_TASK && IsPressOrRelease(item.Value);

    private static bool IsWheel(in InputEvent item) =>
        item.Type == EV_REL && (item.Code is REL_WHEEL or REL_HWHEEL or REL_WHEEL_HI_RES or REL_HWHEEL_HI_RES)
        && IsRelative(item.Value);

    private static bool IsRelative(int value) => value is >= -MaxRelative and <= MaxRelative;

    private static bool IsPosition(int value) => value is >= 0 and <= InputProtocol.AbsoluteMaximum;
}
