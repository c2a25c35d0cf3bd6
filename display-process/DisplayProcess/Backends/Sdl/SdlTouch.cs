using SplitVmm.DisplayProcess.Interop;

namespace SplitVmm.DisplayProcess.Backends.Sdl;

/// <summary>Fingers on a window, as the guest's touch screen.</summary>
internal sealed class SdlTouch
{
    private readonly IScreen _screen;
    private readonly bool _guestHasScreen;

    /// <param name="screen">Takes the fingers.</param>
    /// <param name="guestHasScreen">False: SDL makes the first finger a pointer.</param>
    public SdlTouch(IScreen screen, bool guestHasScreen)
    {
        _screen = screen;
        _guestHasScreen = guestHasScreen;
        _ = Sdl2.SDL_SetHint("SDL_TOUCH_MOUSE_EVENTS", guestHasScreen ? "0" : "1");
    }

    public void OnFinger(SdlWindow window, in SDL_Event item)
    {
        if (!_guestHasScreen)
        {
            return;
        }

        if (item.Type == SDL_Event.SDL_FINGERUP)
        {
            _screen.Input.Lift(item.FingerId);
        }
        else if (window.PictureViewport is { } viewport)
        {
            (int width, int height) = window.PixelSize;
            (int x, int y) = _screen.ToTablet(window.Head.Index, viewport.ToTablet(item.FingerX * width, item.FingerY * height));
            _screen.Input.Touch(item.FingerId, item.Type == SDL_Event.SDL_FINGERDOWN, x, y);
        }
    }
}
