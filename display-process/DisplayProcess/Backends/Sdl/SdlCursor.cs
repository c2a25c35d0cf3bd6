using SplitVmm.DisplayProcess.Interop;
using SplitVmm.DisplayProcess.Scanouts;

namespace SplitVmm.DisplayProcess.Backends.Sdl;

/// <summary>
/// The guest's cursor as the host's pointer, so that it moves without the guest's delay. Until the guest sends one
/// the desktop's own arrow stays: a text console has none.
/// </summary>
internal sealed unsafe class SdlCursor
{
    private readonly bool _premultiplied;
    private readonly Action<string> _log;
    private SdlCursorHandle? _current;
    private bool _complained;

    /// <param name="premultiplied">What this video driver does not multiply itself; see <see cref="WantsPremultiplied"/>.</param>
    public SdlCursor(bool premultiplied, Action<string> log)
    {
        _premultiplied = premultiplied;
        _log = log;
    }

    /// <summary>
    /// SDL hands the words of a cursor to the X server as they are, which takes them for premultiplied; its other
    /// drivers multiply.
    /// </summary>
    public static bool WantsPremultiplied(string videoDriver) => videoDriver == "x11";

    public void Apply(Head head)
    {
        if (head.IsCursorHidden || head.Cursor is null)
        {
            _ = Sdl2.SDL_ShowCursor(head.IsCursorHidden ? 0 : 1);
            return;
        }

        SdlCursorHandle? made = Make(head);
        if (made is null)
        {
            return;
        }

        Sdl2.SDL_SetCursor(made);
        _ = Sdl2.SDL_ShowCursor(1);
        _current?.Dispose();
        _current = made;
    }

    private SdlCursorHandle? Make(Head head)
    {
        uint[] pixels = _premultiplied ? head.Cursor!.Pixels : head.Cursor!.Straight();
        // The surface borrows the pinned pixels and is gone before they are.
        fixed (uint* start = pixels)
        {
            using SdlSurfaceHandle surface = Sdl2.SDL_CreateRGBSurfaceWithFormatFrom(
                start, head.Cursor.Width, head.Cursor.Height, 32, head.Cursor.Width * sizeof(uint), Sdl2.SDL_PIXELFORMAT_ARGB8888);
            if (!surface.IsInvalid)
            {
                SdlCursorHandle cursor = Sdl2.SDL_CreateColorCursor(surface, head.HotSpot.X, head.HotSpot.Y);
                if (!cursor.IsInvalid)
                {
                    return cursor;
                }
            }
        }

        if (!_complained)
        {
            _complained = true;
            _log($"the guest's cursor cannot be shown: {Sdl2.LastError()}");
        }

        return null;
    }
}
