using SplitVmm.DisplayProcess.Interop;
using SplitVmm.DisplayProcess.Pictures;
using SplitVmm.DisplayProcess.Scanouts;

namespace SplitVmm.DisplayProcess.Backends.Sdl;

/// <summary>
/// The guest's cursor as the host's pointer, so that it moves without the guest's delay. Until the guest sends one
/// the desktop's own arrow stays: a text console has none.
/// </summary>
internal sealed unsafe class SdlCursor
{
    /// <summary>Of the cursors that window systems take.</summary>
    private const int LargestSide = 256;

    private readonly bool _premultiplied;
    private readonly Action<string> _log;
    private SdlCursorHandle? _current;
    private bool _complained;
    private double _scale = 1;

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

    /// <summary>The cursor of another head, or another one of the same.</summary>
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

    /// <summary>As large as the head's picture is drawn.</summary>
    /// <param name="scale">Points of the window system for one pixel of the guest.</param>
    public void SetScale(Head head, double scale)
    {
        if (scale != _scale)
        {
            _scale = scale;
            Apply(head);
        }
    }

    private SdlCursorHandle? Make(Head head)
    {
        Sprite image = head.Cursor!;
        int width = Math.Clamp((int)Math.Round(image.Width * _scale), 1, LargestSide);
        int height = Math.Clamp((int)Math.Round(image.Height * _scale), 1, LargestSide);
        Sprite sprite = (width, height) == (image.Width, image.Height) ? image : image.Resized(width, height);
        uint[] pixels = _premultiplied ? sprite.Pixels : sprite.Straight();
        // The surface borrows the pinned pixels and is gone before they are.
        fixed (uint* start = pixels)
        {
            using SdlSurfaceHandle surface = Sdl2.SDL_CreateRGBSurfaceWithFormatFrom(
                start, width, height, 32, width * sizeof(uint), Sdl2.SDL_PIXELFORMAT_ARGB8888);
            if (!surface.IsInvalid)
            {
                SdlCursorHandle cursor = Sdl2.SDL_CreateColorCursor(
                    surface, Math.Min(head.HotSpot.X * width / image.Width, width - 1), Math.Min(head.HotSpot.Y * height / image.Height, height - 1));
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
