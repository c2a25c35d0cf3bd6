using SplitVmm.DisplayProcess.Interop;
using SplitVmm.Wires.Input;

namespace SplitVmm.DisplayProcess.Backends.Sdl;

/// <summary>The pointer over a window, as the guest's tablet; while it is grabbed, as the guest's mouse.</summary>
/// <param name="screen">Takes where it is.</param>
/// <param name="isExact">The places come by <see cref="WaylandPointer"/>, but for those of fingers.</param>
internal sealed class SdlPointer(IScreen screen, bool isExact)
{
    public void OnMotion(SdlWindow window, in SDL_Event item)
    {
        if (screen.Input.Pointer == InputDeviceKind.Mouse)
        {
            screen.Input.MoveBy(item.MotionRelativeX, item.MotionRelativeY);
        }
        else
        {
            PointAt(window, in item, item.MotionX, item.MotionY);
        }
    }

    /// <summary>An event of <see cref="WaylandPointer"/>.</summary>
    public void OnExactMotion(SdlWindow window, in SDL_Event item)
    {
        if (screen.Input.Pointer == InputDeviceKind.Tablet)
        {
            (double x, double y) = WaylandPointer.Place(in item);
            PointAtPixel(window, x * window.Scale.Value, y * window.Scale.Value);
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
            PointAt(window, in item, item.ButtonX, item.ButtonY);
        }

        screen.Input.Press(code, item.Type == SDL_Event.SDL_MOUSEBUTTONDOWN);
    }

    public void OnWheel(in SDL_Event item)
    {
        int direction = item.WheelDirection == SDL_Event.SDL_MOUSEWHEEL_FLIPPED ? -1 : 1;
        screen.Input.Turn(item.WheelPreciseY * direction, item.WheelPreciseX * direction);
    }

    private void PointAt(SdlWindow window, in SDL_Event item, int x, int y)
    {
        if (!isExact || item.MouseId == SDL_Event.SDL_TOUCH_MOUSEID)
        {
            // Events count in the window system's points, pictures in pixels.
            ((int across, int down), (int width, int height)) = (window.Points, window.PixelSize);
            PointAtPixel(window, WindowScale.PixelUnder(x, across, width), WindowScale.PixelUnder(y, down, height));
        }
    }

    private void PointAtPixel(SdlWindow window, double x, double y)
    {
        if (window.PictureViewport is { } viewport)
        {
            (int tabletX, int tabletY) = screen.ToTablet(window.Head.Index, viewport.ToTablet(x, y));
            screen.Input.MoveTo(tabletX, tabletY);
        }
    }
}
