using SplitVmm.DisplayProcess.Clipboard;
using SplitVmm.DisplayProcess.Interop;
using SplitVmm.DisplayProcess.Scanouts;
using SplitVmm.Hosting;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Events;
using SplitVmm.Wires.Display;

namespace SplitVmm.DisplayProcess.Backends.Sdl;

/// <summary>Windows on the desktop, by SDL 2. Everything runs on the thread that made it.</summary>
internal sealed unsafe class SdlBackend : IBackend
{
    // A guard only: whatever has to happen arrives as an event.
    private const int WaitMilliseconds = 10_000;

    // The loop must get its turn while the pointer is moved without pause.
    private const int MostEventsPerTurn = 256;

    private readonly EventLoop _loop;
    private readonly DisplayOptions _options;
    private readonly SdlVideo _video;
    private readonly SdlWake _wake;
    private readonly SdlCursor _cursor;
    private readonly SdlClipboard _clipboard = new();
    private SdlWindow[] _windows = [];
    private IScreen? _screen;
    private SdlKeyboard? _keyboard;
    private SdlPointer? _pointer;
    private SdlTouch? _touch;
    private uint? _exactMotion;
    private int _pointed;
    private bool _stopping;

    /// <exception cref="DisplayException">No SDL, no display, or no OpenGL where it was insisted on.</exception>
    public SdlBackend(EventLoop loop, DisplayOptions options, Action<string> log)
    {
        _loop = loop;
        _options = options;
        _video = new SdlVideo(options.Renderer);
        if (_video.OpenGlRemark is { } remark)
        {
            if (options.Renderer == RendererKind.Accelerated && _video.OpenGl == OpenGlPlatform.None)
            {
                throw new DisplayException($"no accelerated renderer: {remark}; or try --renderer software", ExitStatus.HostUnfit);
            }

            log(remark);
        }

        if (_video.Driver == "x11")
        {
            XErrors.Survive(log);
        }

        _wake = new SdlWake(loop);
        _cursor = new SdlCursor(SdlCursor.WantsPremultiplied(_video.Driver), log);
    }

    public string Name => "sdl";

    public IClipboard Clipboard => _clipboard;

    public string Description =>
        _windows.Length == 0 ? _video.Description : $"{_video.Description}, {Renderer(_windows[0].RendererName)}";

    public void Start(IScreen screen)
    {
        _screen = screen;
        _keyboard = new SdlKeyboard(screen.Input);
        _touch = new SdlTouch(screen, _options.HasTouch);
        _windows = [.. screen.Heads.Select(head => new SdlWindow(_loop, screen, head, _options, _video.OpenGl))];
        _exactMotion = _video.Driver == "wayland" ? WaylandPointer.Follow([.. _windows.Select(window => window.Handle)]) : null;
        _pointer = new SdlPointer(screen, isExact: _exactMotion is not null);
    }

    public IReadOnlyList<PictureFormat> Importable =>
        _windows.Length > 0 && _windows.All(window => window.Importer is not null) ? _windows[0].Importer!.Formats : [];

    public SharedBuffer? TryImport(Head head, in DmaBufConfiguration configuration, in DmaBufBuffer buffer, ReadOnlySpan<Descriptor> planes) =>
        _windows[head.Index].Importer?.TryImport(in configuration, in buffer, planes);

    public void PictureChanged(Head head) => _windows[head.Index].OnPictureChanged();

    public void CursorChanged(Head head)
    {
        // SDL has one pointer for all windows; the guest a cursor for each head, of which it hides all but one.
        if (head.Index == _pointed)
        {
            _cursor.Apply(head);
        }

        _windows[head.Index].OnCursorChanged();
    }

    // Without a grab the host's own pointer is already there: it is what moved the guest's.
    public void CursorMoved(Head head) => _windows[head.Index].OnCursorChanged();

    public void BannerChanged(Head head) => _windows[head.Index].OnBannerChanged();

    public bool Raise()
    {
        foreach (SdlWindow window in _windows)
        {
            window.Raise();
        }

        return true;
    }

    public void Run()
    {
        while (!_stopping)
        {
            Turn();
        }
    }

    public void Stop() => _stopping = true;

    /// <summary>
    /// Ends the helper thread and the timers. The windows go with the process: SDL wakes itself through a second
    /// connection to the X server, and a wake that is still under way when its window is destroyed is an X error,
    /// which ends the process with status 1 (SDL 2.26).
    /// </summary>
    public void Dispose()
    {
        _wake.Dispose();
        foreach (SdlWindow window in _windows)
        {
            window.Dispose();
        }
    }

    private string Renderer(string name) => name == "software" ? "renderer software" : $"renderer {name} by {_video.OpenGl}";

    private void Turn()
    {
        foreach (SdlWindow window in _windows)
        {
            window.DrawIfDirty();
            if (window.Head.Index == _pointed)
            {
                _cursor.SetScale(window.Head, window.PointsPerPicturePixel);
            }
        }

        SDL_Event item;
        if (Sdl2.SDL_WaitEventTimeout(&item, WaitMilliseconds) == 0)
        {
            return;
        }

        int left = MostEventsPerTurn;
        do
        {
            Handle(in item);
        }
        while (!_stopping && --left > 0 && Sdl2.SDL_PollEvent(&item) != 0);
        _screen!.Input.Flush();
    }

    private void Handle(in SDL_Event item)
    {
        if (item.Type == _wake.EventType)
        {
            _ = _loop.RunOnce(0);
            _wake.Resume();
            return;
        }

        switch (item.Type)
        {
            case SDL_Event.SDL_QUIT:
                _screen!.RequestClose();
                break;
            case SDL_Event.SDL_RENDER_TARGETS_RESET or SDL_Event.SDL_RENDER_DEVICE_RESET:
                foreach (SdlWindow window in _windows)
                {
                    window.OnDeviceReset();
                }

                break;
            case SDL_Event.SDL_CLIPBOARDUPDATE:
                _clipboard.Look();
                break;
            case SDL_Event.SDL_MOUSEWHEEL:
                _pointer!.OnWheel(in item);
                break;
            default:
                HandleForWindow(in item);
                break;
        }
    }

    private void HandleForWindow(in SDL_Event item)
    {
        bool isFinger = item.Type is SDL_Event.SDL_FINGERDOWN or SDL_Event.SDL_FINGERUP or SDL_Event.SDL_FINGERMOTION;
        SdlWindow? window = Find(isFinger ? item.FingerWindowId : item.WindowId);
        if (window is null)
        {
            return;
        }

        switch (item.Type)
        {
            case SDL_Event.SDL_WINDOWEVENT:
                HandleWindowEvent(window, in item);
                break;
            case SDL_Event.SDL_KEYDOWN or SDL_Event.SDL_KEYUP:
                _keyboard!.OnKey(window, in item);
                break;
            case SDL_Event.SDL_MOUSEMOTION:
                _pointer!.OnMotion(window, in item);
                break;
            case uint type when type == _exactMotion:
                _pointer!.OnExactMotion(window, in item);
                break;
            case SDL_Event.SDL_MOUSEBUTTONDOWN or SDL_Event.SDL_MOUSEBUTTONUP:
                _pointer!.OnButton(window, in item);
                break;
            case SDL_Event.SDL_FINGERDOWN or SDL_Event.SDL_FINGERUP or SDL_Event.SDL_FINGERMOTION:
                _touch!.OnFinger(window, in item);
                break;
            default:
                break;
        }
    }

    private void HandleWindowEvent(SdlWindow window, in SDL_Event item)
    {
        window.OnWindowEvent(in item);
        switch (item.WindowEvent)
        {
            case SDL_Event.SDL_WINDOWEVENT_ENTER when window.Head.Index != _pointed:
                _pointed = window.Head.Index;
                _cursor.Apply(window.Head);
                break;
            case SDL_Event.SDL_WINDOWEVENT_FOCUS_GAINED:
                // Not every desktop says when another program copies.
                _clipboard.Look();
                break;
            case SDL_Event.SDL_WINDOWEVENT_FOCUS_LOST:
                _screen!.Input.ReleaseAll();
                window.ReleaseGrab();
                break;
            case SDL_Event.SDL_WINDOWEVENT_CLOSE:
                _screen!.RequestClose();
                break;
            default:
                break;
        }
    }

    private SdlWindow? Find(uint id)
    {
        foreach (SdlWindow window in _windows)
        {
            if (window.Id == id)
            {
                return window;
            }
        }

        return null;
    }
}
