using SplitVmm.DisplayProcess.Backends;
using SplitVmm.DisplayProcess.Input;
using SplitVmm.DisplayProcess.Pictures;
using SplitVmm.DisplayProcess.Scanouts;
using SplitVmm.DisplayProcess.Viewers;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Errors;
using SplitVmm.Platform.Events;
using SplitVmm.Platform.Sockets;
using SplitVmm.Wires.Display;
using SplitVmm.Wires.Framing;

namespace SplitVmm.DisplayProcess;

/// <summary>
/// Between the display wire and the backend: takes frames and cursors in, answers frames, and says over the picture
/// what the user should know. Scanouts that no head was announced for are answered and otherwise ignored.
/// </summary>
internal sealed class DisplaySession : IDisplayWireSinkHandler, IScreen, IDisposable
{
    // A mode switch takes the picture away and brings another; only a longer absence is shown. And where everything
    // ends together, the end of the source alone is no news.
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(500);

    private const string Waiting = "waiting for the guest's first picture";
    private const int LongestNotice = 120;

    private readonly EventLoop _loop;
    private readonly IBackend _backend;
    private readonly Action<string> _log;
    private readonly Dictionary<uint, OutputInfo> _outputs = [];
    private readonly Head[] _heads;
    private readonly OutputRow _row;
    private readonly string?[] _states;
    private readonly FramePacer[] _pacers;
    private readonly TimerFd _patience = TimerFd.Create();
    private readonly Watch _patienceWatch;
    private UnixSocket? _socket;
    private DisplayWireSink? _wire;
    private bool _connected;
    private bool _sourceGone;
    private string? _notice;
    private uint _blankPending;

    /// <param name="socket">The display wire; owned from here on.</param>
    /// <param name="heads">How many scanouts are shown.</param>
    /// <param name="log">Takes one line for the user.</param>
    public DisplaySession(
        EventLoop loop, UnixSocket socket, IBackend backend, InputReporter input, int heads, Action<string> log)
    {
        _loop = loop;
        _backend = backend;
        _log = log;
        Input = input;
        _heads = [.. Enumerable.Range(0, heads).Select(index => new Head(index) { Banner = Waiting })];
        _row = new OutputRow(heads);
        _states = [.. _heads.Select(string? (_) => Waiting)];
        _socket = socket;
        _pacers = [.. _heads.Select(_ => new FramePacer(loop, frame => _wire?.CompleteFrame(in frame)))];
        _patienceWatch = loop.Add(_patience, Readiness.In, _ => OnPatienceOver());
    }

    /// <summary>A head has shown a picture.</summary>
    public Action<Head>? PictureShown { get; set; }

    /// <summary>The user closed the window.</summary>
    public Action? CloseRequested { get; set; }

    /// <summary>The source has gone and will not come back on this wire.</summary>
    public Action? SourceGone { get; set; }

    /// <summary>Viewers of the heads; null: there are none.</summary>
    public ViewerHub? Viewers { get; set; }

    /// <summary>A head's picture has another size, or there is none any more.</summary>
    public Action? ConsolesChanged { get; set; }

    /// <summary>Whether a source that has gone may be followed by another: what the user is told depends on it.</summary>
    public bool CanBeReplugged { get; set; }

    public IReadOnlyList<Head> Heads => _heads;

    public InputReporter Input { get; }

    /// <summary>Frames shown since start, all heads.</summary>
    public ulong Shows { get; private set; }

    /// <summary>From the guest's flushes to the pictures of all heads.</summary>
    public FrameLatency Latency { get; } = new();

    private string StateWithoutSource => (CanBeReplugged, _connected) switch
    {
        (true, _) => "graphics restarting: this is the last picture",
        (false, true) => "graphics stopped: this is the last picture",
        _ => "the graphics process did not start",
    };

    /// <summary>Frames that came as a dma-buf, all heads.</summary>
    public ulong DmaBufFrames { get; private set; }

    /// <summary>How the last frame came, and what became of it; empty before the first.</summary>
    public string Transport { get; private set; } = "";

    /// <summary>
    /// Says hello to the source: what can be shown, then the outputs. The backend has been started, so that it knows what it
    /// can import.
    /// </summary>
    public void Connect()
    {
        if (_socket is { } socket)
        {
            _socket = null;
            Open(socket);
        }
    }

    /// <summary>Takes a new source in the place of the old one, whose last pictures stay until the first of the new.</summary>
    /// <param name="socket">A connected seqpacket socket; owned from here on.</param>
    public void Attach(UnixSocket socket)
    {
        _wire?.Dispose();
        _socket?.Dispose();
        _socket = null;
        foreach (Head head in _heads)
        {
            head.Release();
            // What waits for its answer came over the old wire.
            _pacers[head.Index].Clear();
        }

        _connected = false;
        Open(socket);
    }

    public void SetOutput(in OutputInfo info)
    {
        _outputs[info.Scanout] = info;
        _row.Set(in info);
        if (_wire is { IsClosed: false } wire)
        {
            wire.SetOutput(in info);
        }

        if (info.Enabled != 0)
        {
            _pacers[info.Scanout].SetRefresh(info.RefreshMillihertz);
        }
    }

    public (int X, int Y) ToTablet(int head, (int X, int Y) position) => _row.ToTablet(head, position);

    public void Shown(Head head, long flushed)
    {
        Latency.Add(flushed);
        Shows++;
        PictureShown?.Invoke(head);
    }

    /// <summary>Lays a line of the supervisor over all heads, in place of what this process has to say; empty: no more.</summary>
    public void SetNotice(string text)
    {
        string line = text.ReplaceLineEndings(" ").Trim();
        _notice = line.Length == 0 ? null : line[..Math.Min(line.Length, LongestNotice)];
        foreach (Head head in _heads)
        {
            SetState(head, _states[head.Index]);
        }
    }

    public void RequestClose() => CloseRequested?.Invoke();

    public void OnReady(DisplayTransports transports)
    {
        _connected = true;
        if (_sourceGone)
        {
            _sourceGone = false;
            foreach (Head head in _heads)
            {
                SetState(head, head.Canvas is null ? Waiting : null);
            }
        }
    }

    public void OnScanoutSet(in ScanoutConfiguration configuration, Descriptor memory)
    {
        using (memory)
        {
            if (configuration.Scanout < _heads.Length)
            {
                try
                {
                    _pacers[configuration.Scanout].Clear();
                    _heads[configuration.Scanout].Configure(in configuration, memory);
                }
                catch (ErrnoException e)
                {
                    // The size was the source's choice: that it cannot be mapped here is no fault of this process.
                    _wire!.Dispose();
                    EndSource(e.Message);
                }
            }
        }
    }

    public void OnDmaBufScanoutSet(in DmaBufConfiguration configuration)
    {
        if (configuration.Scanout < _heads.Length)
        {
            _pacers[configuration.Scanout].Clear();
            _heads[configuration.Scanout].Configure(in configuration);
        }
    }

    public bool OnBufferSet(in DmaBufBuffer buffer, ReadOnlySpan<Descriptor> planes)
    {
        if (buffer.Scanout >= _heads.Length)
        {
            return true;
        }

        Head head = _heads[buffer.Scanout];
        DmaBufConfiguration configuration = head.DmaBufs;
        DmaBufPlane first = buffer.Planes[0];
        SharedBuffer? shared = _backend.Importable.Count > 0
            ? _backend.TryImport(head, in configuration, in buffer, planes)
            : MappedBuffer.TryCreate(in configuration, in first, planes[0]);
        if (Viewers is not null && shared is not null)
        {
            shared.Image = DmaBufImage.Duplicate(in configuration, in buffer, planes);
        }

        head.SetBuffer(buffer.Buffer, shared);
        return shared is not null;
    }

    public void OnBufferForgotten(uint scanout, uint buffer)
    {
        if (scanout < _heads.Length)
        {
            _heads[scanout].SetBuffer(buffer, null);
        }
    }

    public void OnScanoutDisabled(uint scanout)
    {
        if (scanout < _heads.Length)
        {
            _blankPending |= 1u << (int)scanout;
            _patience.Arm(s_patience, TimeSpan.Zero);
        }
    }

    public void OnFrame(in Frame frame, ReadOnlySpan<DamageRectangle> damage)
    {
        if (frame.Scanout >= _heads.Length)
        {
            _wire!.CompleteFrame(in frame);
            return;
        }

        Head head = _heads[frame.Scanout];
        _blankPending &= ~(1u << head.Index);
        Canvas? former = head.Canvas;
        ReadOnlySpan<DamageRectangle> changed = head.Take(in frame, damage);
        Viewers?.OnPicture(head, changed);
        if (head.Canvas != former)
        {
            ConsolesChanged?.Invoke();
        }

        DmaBufFrames += head.Shared is null ? 0u : 1u;
        Transport = head.Shared is { } shared ? shared.Use : "memfd";
        SetState(head, null);
        _backend.PictureChanged(head);
        _pacers[frame.Scanout].Add(in frame);
    }

    public void OnCursorImage(in CursorImage image, Descriptor memory)
    {
        using (memory)
        {
            if (image.Scanout < _heads.Length)
            {
                Head head = _heads[image.Scanout];
                head.SetCursor(Sprite.FromCursor(in image, memory), (int)image.HotX, (int)image.HotY);
                _backend.CursorChanged(head);
                Viewers?.OnCursorChanged(head);
            }
        }
    }

    public void OnCursorMoved(in CursorPosition position)
    {
        if (position.Scanout < _heads.Length)
        {
            Head head = _heads[position.Scanout];
            head.MoveCursor(position.X, position.Y);
            _backend.CursorMoved(head);
            Viewers?.OnCursorMoved(head);
        }
    }

    public void OnCursorHidden(uint scanout)
    {
        if (scanout < _heads.Length)
        {
            _heads[scanout].HideCursor();
            _backend.CursorChanged(_heads[scanout]);
            Viewers?.OnCursorChanged(_heads[scanout]);
        }
    }

    public void OnClosed(WireError? violation) => EndSource(violation?.ToString());

    public void Dispose()
    {
        _wire?.Dispose();
        _socket?.Dispose();
        _patienceWatch.Dispose();
        _patience.Dispose();
        foreach (FramePacer pacer in _pacers)
        {
            pacer.Dispose();
        }

        foreach (Head head in _heads)
        {
            head.Dispose();
        }
    }

    private void Open(UnixSocket socket)
    {
        IReadOnlyList<PictureFormat> imported = _backend.Importable;
        DisplayTransports transports = DisplayTransports.MemFd | DisplayTransports.DmaBuf
            | (imported.Count > 0 ? DisplayTransports.None : DisplayTransports.Mapped);
        _wire = new DisplayWireSink(_loop, socket, this, transports, imported.Count > 0 ? [.. imported] : MappedBuffer.Formats);
        foreach (OutputInfo info in _outputs.Values)
        {
            _wire.SetOutput(in info);
        }
    }

    private void EndSource(string? reason)
    {
        _sourceGone = true;
        foreach (Head head in _heads)
        {
            head.Release();
        }

        if (reason is not null)
        {
            _log($"graphics stopped: {reason}");
        }

        _patience.Arm(s_patience, TimeSpan.Zero);
        SourceGone?.Invoke();
    }

    private void OnPatienceOver()
    {
        _ = _patience.TryDrain(out _);
        foreach (Head head in _heads)
        {
            if ((_blankPending & (1u << head.Index)) != 0)
            {
                head.Blank();
                SetState(head, "the guest shows no picture");
                _backend.PictureChanged(head);
                Viewers?.OnBlank(head);
                ConsolesChanged?.Invoke();
            }

            if (_sourceGone)
            {
                SetState(head, StateWithoutSource);
            }
        }

        _blankPending = 0;
    }

    private void SetState(Head head, string? state)
    {
        _states[head.Index] = state;
        string? banner = _notice ?? state;
        if (head.Banner != banner)
        {
            head.Banner = banner;
            _backend.BannerChanged(head);
        }
    }
}
