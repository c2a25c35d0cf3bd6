using SplitVmm.Wires.Input;

namespace SplitVmm.DisplayProcess.Input;

/// <summary>
/// One direction of the wheel. The high-resolution event carries all movement in 120ths of a notch; the plain one
/// follows each time that a whole notch has come together (Documentation/input/event-codes.rst of the kernel).
/// </summary>
internal sealed class WheelAxis(ushort plainCode, ushort highResolutionCode)
{
    private const int Notch = 120;

    // A wheel that claims more in one event is broken.
    private const double MostNotches = 100;

    private double _fraction;
    private int _towardsNotch;

    /// <returns>How many events were written: 0, 1 or 2.</returns>
    public int Turn(double notches, Span<InputEvent> events)
    {
        if (notches == 0 || !double.IsFinite(notches))
        {
            return 0;
        }

        double exact = (Math.Clamp(notches, -MostNotches, MostNotches) * Notch) + _fraction;
        int whole = (int)Math.Round(exact);
        _fraction = exact - whole;
        if (whole == 0)
        {
            return 0;
        }

        // The other direction starts from nothing.
        _towardsNotch = Math.Sign(whole) == -Math.Sign(_towardsNotch) ? whole : _towardsNotch + whole;
        events[0] = new InputEvent(EventCodes.EV_REL, highResolutionCode, whole);
        int full = _towardsNotch / Notch;
        if (full == 0)
        {
            return 1;
        }

        _towardsNotch -= full * Notch;
        events[1] = new InputEvent(EventCodes.EV_REL, plainCode, full);
        return 2;
    }
}
