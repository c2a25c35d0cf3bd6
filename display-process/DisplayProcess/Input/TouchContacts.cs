using SplitVmm.Wires.Input;
using static SplitVmm.Wires.Input.EventCodes;

namespace SplitVmm.DisplayProcess.Input;

/// <summary>
/// Fingers as the slots of a touch screen (protocol B of Documentation/input/multi-touch-protocol.rst of the kernel). The
/// finger that came first is also told as ABS_X, ABS_Y and BTN_TOUCH, for guests that know no more. More fingers
/// than slots are not there.
/// </summary>
internal sealed class TouchContacts
{
    /// <summary>Of the longest report: slot, number, two positions twice, BTN_TOUCH.</summary>
    public const int MostEvents = 7;

    // The range that the device announces for ABS_MT_TRACKING_ID.
    private const int TrackingIds = ushort.MaxValue + 1;

    private readonly Contact?[] _slots = new Contact?[InputProtocol.MaxTouchSlots];
    private int _nextId;

    /// <summary>A finger is on the screen, at a place from 0 to <see cref="InputProtocol.AbsoluteMaximum"/> each way.</summary>
    /// <param name="finger">Its number in the window system.</param>
    /// <param name="isNew">It came down just now; otherwise it moved.</param>
    /// <returns>How many events were written; 0: there is nothing to tell.</returns>
    public int Place(long finger, bool isNew, int x, int y, Span<InputEvent> events)
    {
        int slot = Find(finger);
        // A finger that came down twice was lifted unseen; one that moves and never came down began before the window was there.
        bool comes = slot < 0;
        if (comes)
        {
            slot = isNew ? Array.IndexOf(_slots, null) : -1;
            if (slot < 0)
            {
                return 0;
            }
        }
        else if (_slots[slot] is { } before && before.X == x && before.Y == y)
        {
            return 0;
        }

        bool leads = comes ? Array.TrueForAll(_slots, contact => contact is null) : _slots[slot]!.Value.Leads;
        _slots[slot] = new Contact(finger, x, y, leads);
        int count = 0;
        events[count++] = new InputEvent(EV_ABS, ABS_MT_SLOT, slot);
        if (comes)
        {
            events[count++] = new InputEvent(EV_ABS, ABS_MT_TRACKING_ID, _nextId++ % TrackingIds);
        }

        events[count++] = new InputEvent(EV_ABS, ABS_MT_POSITION_X, x);
        events[count++] = new InputEvent(EV_ABS, ABS_MT_POSITION_Y, y);
        if (leads)
        {
            events[count++] = new InputEvent(EV_ABS, ABS_X, x);
            events[count++] = new InputEvent(EV_ABS, ABS_Y, y);
            if (comes)
            {
                events[count++] = new InputEvent(EV_KEY, BTN_TOUCH, 1);
            }
        }

        return count;
    }

    /// <summary>A finger left the screen.</summary>
    /// <returns>How many events were written; 0: it was not there.</returns>
    public int Lift(long finger, Span<InputEvent> events)
    {
        int slot = Find(finger);
        return slot < 0 ? 0 : LiftSlot(slot, events);
    }

    /// <summary>Lifts one finger, whichever.</summary>
    /// <returns>How many events were written; 0: none was there.</returns>
    public int LiftAny(Span<InputEvent> events)
    {
        int slot = Array.FindIndex(_slots, contact => contact is not null);
        return slot < 0 ? 0 : LiftSlot(slot, events);
    }

    /// <summary>Forgets all fingers; their further movement tells nothing.</summary>
    public void Clear() => Array.Clear(_slots);

    private int LiftSlot(int slot, Span<InputEvent> events)
    {
        _slots[slot] = null;
        events[0] = new InputEvent(EV_ABS, ABS_MT_SLOT, slot);
        events[1] = new InputEvent(EV_ABS, ABS_MT_TRACKING_ID, -1);
        if (!Array.TrueForAll(_slots, contact => contact is null))
        {
            return 2;
        }

        events[2] = new InputEvent(EV_KEY, BTN_TOUCH, 0);
        return 3;
    }

    private int Find(long finger) => Array.FindIndex(_slots, contact => contact?.Finger == finger);

    private readonly record struct Contact(long Finger, int X, int Y, bool Leads);
}
