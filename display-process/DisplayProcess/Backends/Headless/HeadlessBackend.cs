using SplitVmm.DisplayProcess.Pictures;
using SplitVmm.DisplayProcess.Scanouts;
using SplitVmm.Platform.Events;
using SplitVmm.Wires.Display;

namespace SplitVmm.DisplayProcess.Backends.Headless;

/// <summary>Shows nothing to anybody: keeps the picture with its cursor, and writes it as PNG if a folder was given.</summary>
internal sealed class HeadlessBackend : IBackend
{
    // A monitor of 96 dots per inch.
    private const double MillimetresPerPixel = 25.4 / 96;

    private readonly EventLoop _loop;
    private readonly DisplayOptions _options;
    private readonly PngWriter _writer;
    private readonly Action<string> _log;
    private FrameRecorder[] _recorders = [];
    private IScreen? _screen;
    private bool _stopping;

    /// <exception cref="DisplayException">The folder for the frames cannot be made.</exception>
    public HeadlessBackend(EventLoop loop, DisplayOptions options, PngWriter writer, Action<string> log)
    {
        _loop = loop;
        _options = options;
        _writer = writer;
        _log = log;
        if (options.FramesFolder is { } folder)
        {
            MakeFolder(folder);
        }
    }

    public string Name => "headless";

    public string Description => _options.FramesFolder is { } folder ? $"PNG files in {folder}" : "frames in memory";

    public void Start(IScreen screen)
    {
        _screen = screen;
        if (_options.FramesFolder is { } folder)
        {
            _recorders =
            [
                .. screen.Heads.Select(head =>
                    new FrameRecorder(_loop, head, folder, _options.FrameInterval, _writer, _log)),
            ];
        }

        foreach (Head head in screen.Heads)
        {
            (int width, int height) = _options.SizeOf(head.Index);
            screen.SetOutput(new OutputInfo
            {
                Scanout = (uint)head.Index,
                Enabled = 1,
                Width = (uint)width,
                Height = (uint)height,
                WidthMillimetres = (uint)(width * MillimetresPerPixel),
                HeightMillimetres = (uint)(height * MillimetresPerPixel),
                RefreshMillihertz = 60_000,
                Scale120 = 120,
            });
        }
    }

    public void PictureChanged(Head head)
    {
        head.Damage.Clear();
        Record(head);
        if (head.Canvas is not null)
        {
            // Shown to nobody, but there: files follow at their own pace.
            _screen!.Shown(head, head.Flushed);
        }
    }

    public void CursorChanged(Head head) => Record(head);

    public void CursorMoved(Head head)
    {
        if (head.Cursor is not null)
        {
            Record(head);
        }
    }

    public void BannerChanged(Head head) => Record(head);

    public bool Raise() => false;

    public void Run()
    {
        while (!_stopping)
        {
            _ = _loop.RunOnce(-1);
        }

        foreach (FrameRecorder recorder in _recorders)
        {
            recorder.Finish();
        }
    }

    public void Stop() => _stopping = true;

    public void Dispose()
    {
        foreach (FrameRecorder recorder in _recorders)
        {
            recorder.Dispose();
        }
    }

    private void Record(Head head)
    {
        if (_recorders.Length > 0)
        {
            _recorders[head.Index].Changed();
        }
    }

    private static void MakeFolder(string folder)
    {
        try
        {
            _ = Directory.CreateDirectory(folder);
            string probe = Path.Combine(folder, $".probe.{Environment.ProcessId}");
            File.WriteAllBytes(probe, []);
            File.Delete(probe);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DisplayException($"--frames {folder}: {e.Message}", inner: e);
        }
    }
}
