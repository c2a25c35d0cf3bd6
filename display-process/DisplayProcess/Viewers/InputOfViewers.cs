using SplitVmm.Control.Protocol;
using SplitVmm.DisplayProcess.Backends;
using SplitVmm.DisplayProcess.Input;
using SplitVmm.DisplayProcess.Pictures;
using SplitVmm.DisplayProcess.Scanouts;
using SplitVmm.Wires.Input;

namespace SplitVmm.DisplayProcess.Viewers;

/// <summary>
/// What people do in viewers, as the supervisor hands it on (org.qemu.Display1.Keyboard, Mouse, MultiTouch). Absolute movement is
/// the guest's tablet, relative movement its mouse: the guest has both.
/// </summary>
internal sealed class InputOfViewers(IScreen screen, bool guestHasTouch)
{
    // Buttons of QEMU (InputButton of its QAPI): the wheel's notches are presses.
    private const uint WheelUp = 3;
    private const uint WheelDown = 4;
    private const uint WheelLeft = 7;
    private const uint WheelRight = 8;

    // So that no finger has the number of one that a window knows.
    private const long FirstFinger = long.MinValue;

    private readonly KeySet _held = new();
    private uint _fingers;

    /// <returns>Null, or one line that says what is wrong with it.</returns>
    public string? Take(ViewerInput input)
    {
        string? error = input.KindCase switch
        {
            ViewerInput.KindOneofCase.Key => TakeKey(input.Key),
            ViewerInput.KindOneofCase.Button => TakeButton(input.Button),
            ViewerInput.KindOneofCase.Position => TakePosition(input.Position),
            ViewerInput.KindOneofCase.Motion => TakeMotion(input.Motion),
            ViewerInput.KindOneofCase.Touch => TakeTouch(input.Touch),
            _ => "it says nothing",
        };
        screen.Input.Flush();
        return error;
    }

    /// <summary>Releases what viewers hold: one has gone, and nobody knows which of it was its own.</summary>
    public void ReleaseAll()
    {
        while (_held.TryTake(out ushort code))
        {
            screen.Input.Press(code, down: false);
        }

        for (; _fingers != 0; _fingers &= _fingers - 1)
        {
            screen.Input.Lift(FirstFinger + System.Numerics.BitOperations.TrailingZeroCount(_fingers));
        }
    }

    private string? TakeKey(ViewerKey key)
    {
        ushort code = QnumTable.KeyFor(key.Number);
        if (code == 0)
        {
            return $"there is no key {key.Number}";
        }

        Press(code, key.Down);
        return null;
    }

    private string? TakeButton(ViewerButton button)
    {
        if (button.Number is WheelUp or WheelDown or WheelLeft or WheelRight)
        {
            if (button.Down)
            {
                screen.Input.Turn(
                    button.Number is WheelUp ? 1 : button.Number is WheelDown ? -1 : 0,
                    button.Number is WheelRight ? 1 : button.Number is WheelLeft ? -1 : 0);
            }

            return null;
        }

        ushort code = button.Number switch
        {
            0 => EventCodes.BTN_LEFT,
            1 => EventCodes.BTN_MIDDLE,
            2 => EventCodes.BTN_RIGHT,
            5 => EventCodes.BTN_SIDE,
            6 => EventCodes.BTN_EXTRA,
            _ => (ushort)0,
        };
        if (code == 0)
        {
            return $"there is no button {button.Number}";
        }

        Press(code, button.Down);
        return null;
    }

    private string? TakePosition(ViewerPosition position)
    {
        string? error = TryPlace(position.Head, position.X, position.Y, out int x, out int y);
        if (error is null)
        {
            screen.Input.MoveTo(x, y);
        }

        return error;
    }

    private string? TakeMotion(ViewerMotion motion)
    {
        const int Most = ushort.MaxValue;
        screen.Input.MoveBy(Math.Clamp(motion.X, -Most, Most), Math.Clamp(motion.Y, -Most, Most));
        return null;
    }

    private string? TakeTouch(ViewerTouch touch)
    {
        if (!guestHasTouch)
        {
            return "the guest has no touch screen; start the machine with --display sdl,touch=on";
        }

        if (touch.Slot >= InputProtocol.MaxTouchSlots)
        {
            return $"there is no slot {touch.Slot}; the last one is {InputProtocol.MaxTouchSlots - 1}";
        }

        uint bit = 1u << (int)touch.Slot;
        if (touch.Step is TouchStep.End or TouchStep.Cancel)
        {
            _fingers &= ~bit;
            screen.Input.Lift(FirstFinger + touch.Slot);
            return null;
        }

        string? error = TryPlace(touch.Head, touch.X, touch.Y, out int x, out int y);
        if (error is null)
        {
            _fingers |= bit;
            screen.Input.Touch(FirstFinger + touch.Slot, touch.Step == TouchStep.Begin, x, y);
        }

        return error;
    }

    private void Press(ushort code, bool down)
    {
        _held.Set(code, down);
        screen.Input.Press(code, down);
    }

    /// <summary>A pixel of a head's picture as a place of the tablet.</summary>
    private string? TryPlace(uint head, double x, double y, out int tabletX, out int tabletY)
    {
        (tabletX, tabletY) = (0, 0);
        if (head >= screen.Heads.Count || screen.Heads[(int)head].Canvas is not { } canvas)
        {
            return $"monitor {head} shows no picture";
        }

        if (!(x >= 0 && x < canvas.Width && y >= 0 && y < canvas.Height))
        {
            return FormattableString.Invariant($"({x}, {y}) is outside of the picture, which has {canvas.Width}x{canvas.Height} pixels");
        }

        (tabletX, tabletY) = screen.ToTablet((int)head, new Viewport(0, 0, canvas.Width, canvas.Height).ToTablet(x, y));
        return null;
    }
}
