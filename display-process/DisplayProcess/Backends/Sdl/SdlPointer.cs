using SplitVmm.DisplayProcess.Interop;
using SplitVmm.Wires.Input;

namespace SplitVmm.DisplayProcess.Backends.Sdl;

/// <summary>The pointer over a window, as the guest's tablet; while it is grabbed, as the guest's mouse.</summary>
internal sealed class SdlPointer(IScreen screen)
{
    public void OnMotion(SdlWindow window, in SDL_Event item)
    {
        if (screen.Input.Pointer == InputDeviceKind.Mouse)
        {
            screen.Input.MoveBy(item.MotionRelativeX, item.MotionRelativeY);
        }
        else
        {
            PointAt(window, item.MotionX, item.MotionY);
        }
    }

    public void OnButton(SdlWindow window, in SDL_Event item)
    {
        ushort code = item.Button switch
        {
            1 => EventCodes.BTN_LEFT,
            2 => EventCodes.BTN_MIDDLE,
            3 => EventCodes.BTN_RIGHT,
            4 => EventCodes.BTN_SIDE,
            5 => EventCodes.BTN_EXTRA,
            _ => (ushort)0,
        };
        if (screen.Input.Pointer == InputDeviceKind.Tablet)
        {
            PointAt(window, item.ButtonX, item.ButtonY);
        }

        screen.Input.Press(code, item.Type == SDL_Event.SDL_MOUSEBUTTONDOWN);
    }

    public void OnWheel(in SDL_Event item)
    {
        int direction = item.WheelDirection == SDL_Event.SDL_MOUSEWHEEL_FLIPPED ? -1 : 1;
        screen.Input.Turn(item.WheelPreciseY * direction, item.WheelPreciseX * direction);
    }

    private void PointAt(SdlWindow window, int x, int y)
    {
        if (window.PictureViewport is { } viewport)
        {
            // Events count in the window system's points, pictures in pixels.
            (double scaleX, double scaleY) = window.PixelsPerPoint;
            (int tabletX, int tabletY) = screen.ToTablet(window.Head.Index, viewport.ToTablet(x * scaleX, y * scaleY));
            screen.Input.MoveTo(tabletX, tabletY);
        }
    }
}
