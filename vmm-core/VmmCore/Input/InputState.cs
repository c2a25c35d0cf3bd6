using SplitVmm.Wires.Input;
using static SplitVmm.VmmCore.Input.EvdevCodes;
using static SplitVmm.Wires.Input.EventCodes;

namespace SplitVmm.VmmCore.Input;

/// <summary>
/// What somebody who has seen a stream of events knows of a device: keys down, positions, contacts. Comparing
/// what the source has said with what the guest was told gives the events that bring the guest up to date, so
/// that a dropped report never leaves a key stuck. Relative movement has no state.
/// </summary>
internal sealed class InputState
{
    private const int None = -1;

    private readonly CodeSet _keys = new();
    private readonly int[] _axes = new int[ABS_CNT];
    private readonly TouchContact[] _contacts = new TouchContact[InputProtocol.MaxTouchSlots];
    private int _slot;

    public InputState() => Clear();

    /// <summary>Nothing pressed, nothing touched, no position known: what a fresh driver assumes.</summary>
    public void Clear()
    {
        _keys.Clear();
        Array.Fill(_axes, None);
        Array.Fill(_contacts, TouchContact.Lifted);
        _slot = 0;
    }

    /// <summary>Follows events that <see cref="InputValidation"/> has let pass.</summary>
    public void Apply(ReadOnlySpan<InputEvent> events)
    {
        foreach (ref readonly InputEvent item in events)
        {
            if (item.Type == EV_KEY)
            {
                SetKey(item.Code, item.Value != 0);
            }
            else if (item.Type == EV_ABS)
            {
                SetAxis(item.Code, item.Value);
            }
        }
    }

    /// <summary>The source is gone: nobody holds a key or touches the screen any more. Positions stay.</summary>
    public void Release()
    {
        _keys.Clear();
        foreach (ref TouchContact contact in _contacts.AsSpan())
        {
            contact.Id = TouchContact.NoId;
        }
    }

    /// <summary>Appends the events that lead from this state to <paramref name="wanted"/>, without SYN_REPORT.</summary>
    public void AppendDifference(InputState wanted, List<InputEvent> events)
    {
        for (int slot = 0; slot < _contacts.Length; slot++)
        {
            AppendContact(slot, wanted, events);
        }

        // What follows on this slot from the source must mean the same to the guest.
        AppendSlot(wanted._slot, events);
        for (ushort code = 0; code < _axes.Length; code++)
        {
            if (_axes[code] != wanted._axes[code] && wanted._axes[code] != None)
            {
                Append(new InputEvent(EV_ABS, code, wanted._axes[code]), events);
            }
        }

        for (ushort code = 0; code < KEY_CNT; code++)
        {
            if (_keys.Contains(code) != wanted._keys.Contains(code))
            {
                Append(new InputEvent(EV_KEY, code, wanted._keys.Contains(code) ? 1 : 0), events);
            }
        }
    }

    private void AppendContact(int slot, InputState wanted, List<InputEvent> events)
    {
        TouchContact target = wanted._contacts[slot];
        bool lifted = target.Id == TouchContact.NoId && _contacts[slot].Id == TouchContact.NoId;
        if (lifted || _contacts[slot] == target)
        {
            return;
        }

        AppendSlot(slot, events);
        if (_contacts[slot].Id != target.Id)
        {
            Append(new InputEvent(EV_ABS, ABS_MT_TRACKING_ID, target.Id), events);
        }

        if (target.Id != TouchContact.NoId)
        {
            Append(new InputEvent(EV_ABS, ABS_MT_POSITION_X, target.X), events);
            Append(new InputEvent(EV_ABS, ABS_MT_POSITION_Y, target.Y), events);
        }
    }

    private void AppendSlot(int slot, List<InputEvent> events)
    {
        if (_slot != slot)
        {
            Append(new InputEvent(EV_ABS, ABS_MT_SLOT, slot), events);
        }
    }

    private void Append(InputEvent item, List<InputEvent> events)
    {
        events.Add(item);
        Apply(new ReadOnlySpan<InputEvent>(in item));
    }

    private void SetKey(ushort code, bool down)
    {
        if (down)
        {
            _keys.Add(code);
        }
        else
        {
            _keys.Remove(code);
        }
    }

    private void SetAxis(ushort code, int value)
    {
        switch (code)
        {
            case ABS_MT_SLOT:
                _slot = value;
                break;
            case ABS_MT_TRACKING_ID:
                _contacts[_slot].Id = value;
                break;
            case ABS_MT_POSITION_X:
                _contacts[_slot].X = value;
                break;
            case ABS_MT_POSITION_Y:
                _contacts[_slot].Y = value;
                break;
            default:
                _axes[code] = value;
                break;
        }
    }

    /// <summary>One slot of the multi-touch protocol B (Linux: Documentation/input/multi-touch-protocol.rst).</summary>
    private record struct TouchContact(int Id, int X, int Y)
    {
        public const int NoId = -1;

        public static readonly TouchContact Lifted = new(NoId, 0, 0);
    }
}
