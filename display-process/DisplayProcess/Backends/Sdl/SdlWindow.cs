using System.Diagnostics;
using SplitVmm.DisplayProcess.Interop;
using SplitVmm.DisplayProcess.Pictures;
using SplitVmm.DisplayProcess.Scanouts;
using SplitVmm.Platform.Events;
using SplitVmm.Wires.Display;

namespace SplitVmm.DisplayProcess.Backends.Sdl;

/// <summary>The window of one head: its size in both directions, its drawing, its title.</summary>
internal sealed unsafe class SdlWindow : IDisposable
{
    // While a window's edge is dragged the guest would otherwise switch modes with every step.
    private static readonly TimeSpan s_resizeRest = TimeSpan.FromMilliseconds(200);

    // A desktop tells a window its scale when the window is first shown. Who changes it later wants the window as large as it is.
    private static readonly TimeSpan s_scaleIsNews = TimeSpan.FromSeconds(3);

    private const int SmallestSide = 64;

    private readonly EventLoop _loop;
    private readonly IScreen _screen;
    private readonly string _title;
    private readonly SdlWindowHandle _window;
    private readonly SdlPainter _painter;
    private readonly TimerFd _rest = TimerFd.Create();
    private readonly Watch _restWatch;
    private readonly AnnouncedSizes _announced = new();
    private readonly ChosenSize _chosen = new();
    private readonly Stopwatch _shown = new();
    private (int Width, int Height) _pictureSize;
    private bool _dirty = true;
    private bool _newPicture;
    private bool _visible = true;
    private bool _grabbed;
    private bool _drawsCursor;

    public SdlWindow(EventLoop loop, IScreen screen, Head head, DisplayOptions options, OpenGlPlatform openGl)
    {
        _loop = loop;
        _screen = screen;
        Head = head;
        _title = head.Index == 0 ? options.Title : $"{options.Title} ({head.Index + 1})";
        _window = Sdl2.SDL_CreateWindow(
            _title,
            Sdl2.SDL_WINDOWPOS_UNDEFINED,
            Sdl2.SDL_WINDOWPOS_UNDEFINED,
            options.SizeOf(head.Index).Width,
            options.SizeOf(head.Index).Height,
            Sdl2.SDL_WINDOW_RESIZABLE | Sdl2.SDL_WINDOW_ALLOW_HIGHDPI);
        if (_window.IsInvalid)
        {
            throw new DisplayException($"SDL_CreateWindow failed: {Sdl2.LastError()}");
        }

        // Guests have their own lower bound; Linux refuses modes below 32 pixels.
        Sdl2.SDL_SetWindowMinimumSize(_window, SmallestSide, SmallestSide);
        _painter = new SdlPainter(_window, options.Renderer, openGl);
        Id = Sdl2.SDL_GetWindowID(_window);
        // A window is made in points; its scale is known only then.
        SetPoints(_chosen.Choose((options.SizeOf(head.Index).Width, options.SizeOf(head.Index).Height), Scale));
        _restWatch = loop.Add(_rest, Readiness.In, _ => OnRest());
        Announce();
        UpdateTitle();
    }

    /// <summary>SDL's number of the window, in its events.</summary>
    public uint Id { get; }

    /// <summary>SDL's object, which stays this window's own.</summary>
    public SdlWindowHandle Handle => _window;

    /// <summary>The head that it shows.</summary>
    public Head Head { get; }

    public string RendererName => _painter.Name;

    /// <summary>What takes dma-bufs for this window; null: they are mapped.</summary>
    public DmaBufImporter? Importer => _painter.Importer;

    /// <summary>Where the picture is, in pixels of the window; null while there is none.</summary>
    public Viewport? PictureViewport { get; private set; }

    /// <summary>Points of the window system for one pixel of the picture, as it was drawn last.</summary>
    public double PointsPerPicturePixel { get; private set; } = 1;

    /// <summary>Of the window, without its frame.</summary>
    public (int Width, int Height) PixelSize => _painter.OutputSize;

    /// <summary>Of the window, without its frame, as the window system counts.</summary>
    public (int Width, int Height) Points
    {
        get
        {
            int width = 0;
            int height = 0;
            Sdl2.SDL_GetWindowSize(_window, &width, &height);
            return (Math.Max(1, width), Math.Max(1, height));
        }
    }

    /// <summary>Pixels for each point.</summary>
    public WindowScale Scale => WindowScale.Of(Points, PixelSize);

    public void OnWindowEvent(in SDL_Event item)
    {
        switch (item.WindowEvent)
        {
            case SDL_Event.SDL_WINDOWEVENT_SIZE_CHANGED or SDL_Event.SDL_WINDOWEVENT_DISPLAY_CHANGED:
                _rest.Arm(s_resizeRest, TimeSpan.Zero);
                _dirty = true;
                break;
            case SDL_Event.SDL_WINDOWEVENT_HIDDEN or SDL_Event.SDL_WINDOWEVENT_MINIMIZED:
                _visible = false;
                break;
            case SDL_Event.SDL_WINDOWEVENT_SHOWN or SDL_Event.SDL_WINDOWEVENT_RESTORED or SDL_Event.SDL_WINDOWEVENT_EXPOSED:
                _visible = true;
                _dirty = true;
                break;
            default:
                break;
        }
    }

    /// <summary>The renderer lost its textures.</summary>
    public void OnDeviceReset()
    {
        _painter.Forget();
        _dirty = true;
    }

    public void OnPictureChanged()
    {
        _dirty = true;
        _newPicture = true;
        if (Head.Canvas is { } canvas && _pictureSize != (canvas.Width, canvas.Height))
        {
            _pictureSize = (canvas.Width, canvas.Height);
            FollowPicture(canvas);
        }
    }

    /// <summary>The guest's cursor has another image, or another place.</summary>
    public void OnCursorChanged() => _dirty |= _drawsCursor;

    public void OnBannerChanged()
    {
        _dirty = true;
        UpdateTitle();
    }

    /// <summary>To the front, out of an icon, with the keyboard, as far as the desktop lets it.</summary>
    public void Raise()
    {
        Sdl2.SDL_RestoreWindow(_window);
        Sdl2.SDL_RaiseWindow(_window);
    }

    /// <summary>
    /// Draws if something changed. Once per turn of the loop, so that changes that come together cost one drawing. A picture that came
    /// while the one before was shown takes its place, and one that comes while the window system takes this one is answered at once: a guest
    /// waits for the display to read its memory, not for the window.
    /// </summary>
    public void DrawIfDirty()
    {
        if (!_dirty || !_visible)
        {
            return;
        }

        _ = _loop.RunOnce(0);
        _dirty = false;
        _shown.Start();
        (int width, int height) = PixelSize;
        WindowScale scale = Scale;
        PictureViewport = Head.Canvas is { } canvas ? Viewport.Fit(width, height, canvas.Width, canvas.Height, scale.Excess) : null;
        PointsPerPicturePixel = (PictureViewport is { } viewport ? (double)viewport.Width / Head.Canvas!.Width : 1) / scale.Value;
        _painter.Draw(Head, PictureViewport ?? default, _drawsCursor);
        bool isNew = _newPicture && Head.Canvas is not null;
        _newPicture &= !isNew;
        long flushed = Head.Flushed;
        _ = _loop.RunOnce(0);
        _painter.Present();
        if (isNew)
        {
            _screen.Shown(Head, flushed);
        }
    }

    public void ToggleGrab() => SetGrab(!_grabbed);

    public void ReleaseGrab()
    {
        if (_grabbed)
        {
            SetGrab(false);
        }
    }

    public void ToggleFullScreen() =>
        _ = Sdl2.SDL_SetWindowFullscreen(_window, Has(Sdl2.SDL_WINDOW_FULLSCREEN_DESKTOP) ? 0 : Sdl2.SDL_WINDOW_FULLSCREEN_DESKTOP);

    /// <summary>Stops the timer; the window itself goes with the process, see <see cref="SdlBackend.Dispose"/>.</summary>
    public void Dispose()
    {
        _restWatch.Dispose();
        _rest.Dispose();
        _painter.Abandon();
        _window.SetHandleAsInvalid();
    }

    // Grabbed, the pointer has no place on the host: its movement goes to the guest's mouse, and the guest's cursor into the
    // picture. Where the window system cannot do that, it is only held inside the window.
    private void SetGrab(bool grabbed)
    {
        _grabbed = grabbed;
        Sdl2.SDL_SetWindowMouseGrab(_window, grabbed ? 1 : 0);
        Sdl2.SDL_SetWindowKeyboardGrab(_window, grabbed ? 1 : 0);
        _drawsCursor = Sdl2.SDL_SetRelativeMouseMode(grabbed ? 1 : 0) == 0 && grabbed;
        _screen.Input.SetRelative(_drawsCursor);
        _dirty = true;
        UpdateTitle();
    }

    private void SetPoints((int Width, int Height) points)
    {
        if (points != Points)
        {
            Sdl2.SDL_SetWindowSize(_window, points.Width, points.Height);
        }
    }

    private void OnRest()
    {
        _ = _rest.TryDrain(out _);
        if (_shown.Elapsed < s_scaleIsNews && !FillsItsPlace && _chosen.TryCorrect(Points, Scale, out (int Width, int Height) points))
        {
            SetPoints(points);
        }

        // What llvmpipe draws first after a resize, on Wayland, it draws for the size before.
        _dirty = true;
        Announce();
    }

    private void Announce()
    {
        (int width, int height) = _chosen.MonitorIn(Points, PixelSize, Scale);
        _announced.Add(width, height);
        _screen.SetOutput(SdlOutput.Describe(_window, Head.Index, width, height, Scale));
    }

    // The guest chose a size that nobody here asked for: the window takes it, as far as the desktop has room.
    private void FollowPicture(Canvas canvas)
    {
        if (_announced.IsNear(canvas.Width, canvas.Height) || FillsItsPlace)
        {
            return;
        }

        (int width, int height) = _chosen.Choose((canvas.Width, canvas.Height), Scale);
        SDL_Rect room;
        if (Sdl2.SDL_GetDisplayUsableBounds(Math.Max(0, Sdl2.SDL_GetWindowDisplayIndex(_window)), &room) == 0)
        {
            width = Math.Min(width, room.W);
            height = Math.Min(height, room.H);
        }

        SetPoints((Math.Max(1, width), Math.Max(1, height)));
    }

    private bool FillsItsPlace => Has(Sdl2.SDL_WINDOW_FULLSCREEN_DESKTOP) || Has(Sdl2.SDL_WINDOW_MAXIMIZED);

    private bool Has(uint flags) => (Sdl2.SDL_GetWindowFlags(_window) & flags) == flags;

    private void UpdateTitle() => Sdl2.SDL_SetWindowTitle(
        _window,
        _grabbed ? $"{_title} - Ctrl+Alt+G releases the input" : Head.Banner is { } banner ? $"{_title} - {banner}" : _title);
}
