using System.Numerics;
using SplitVmm.Wires.Input;
using static SplitVmm.Wires.Input.EventCodes;

namespace SplitVmm.DisplayProcess.Input;

/// <summary>What the guest holds for pressed or touched after the reports that were sent to it, device by device.</summary>
internal sealed class GuestHolds
{
    private readonly KeySet[] _keys = [new(), new(), new(), new()];
    private uint _contacts;
    private int _slot;

    /// <summary>A report was sent.</summary>
    public void Note(InputDeviceKind device, ReadOnlySpan<InputEvent> events)
    {
        foreach (ref readonly InputEvent item in events)
        {
            switch (item.Type, item.Code)
            {
                case (EV_KEY, _):
                    KeysOf(device).Set(item.Code, item.Value != 0);
                    break;
                case (EV_ABS, ABS_MT_SLOT):
                    _slot = item.Value;
                    break;
                case (EV_ABS, ABS_MT_TRACKING_ID):
                    _contacts = item.Value < 0 ? _contacts & ~(1u << _slot) : _contacts | (1u << _slot);
                    break;
                default:
                    break;
            }
        }
    }

    /// <summary>Takes one thing out that is held, as the report that releases it, without SYN_REPORT.</summary>
    /// <param name="events">Room for two.</param>
    /// <returns>The number of events; 0: nothing is held.</returns>
    public int TryTakeRelease(Span<InputEvent> events, out InputDeviceKind device)
    {
        device = InputDeviceKind.Touch;
        if (_contacts != 0)
        {
            _slot = BitOperations.TrailingZeroCount(_contacts);
            _contacts &= _contacts - 1;
            events[0] = new InputEvent(EV_ABS, ABS_MT_SLOT, _slot);
            events[1] = new InputEvent(EV_ABS, ABS_MT_TRACKING_ID, -1);
            return 2;
        }

        for (device = InputDeviceKind.Keyboard; device <= InputDeviceKind.Touch; device++)
        {
            if (KeysOf(device).TryTake(out ushort code))
            {
                events[0] = new InputEvent(EV_KEY, code, 0);
                return 1;
            }
        }

        return 0;
    }

    private KeySet KeysOf(InputDeviceKind device) => _keys[(int)device - 1];
}
