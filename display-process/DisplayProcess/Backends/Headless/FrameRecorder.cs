using System.Diagnostics;
using System.Globalization;
using SplitVmm.DisplayProcess.Pictures;
using SplitVmm.DisplayProcess.Scanouts;
using SplitVmm.Platform.Events;

namespace SplitVmm.DisplayProcess.Backends.Headless;

/// <summary>
/// Keeps <c>latest.png</c> of a head up to date and, if asked, leaves a numbered file per interval. A picture that
/// did not change is not written again.
/// </summary>
internal sealed class FrameRecorder : IDisposable
{
    private static readonly TimeSpan s_latestInterval = TimeSpan.FromMilliseconds(500);

    // Without a wish of the user's, pictures take at most a tenth of one CPU from the guest beside us.
    private const int RestPerWork = 9;

    private readonly Head _head;
    private readonly string _folder;
    private readonly bool _numbered;
    private TimeSpan _interval;
    private readonly PngWriter _writer;
    private readonly Action<string> _log;
    private readonly TimerFd _timer = TimerFd.Create();
    private readonly Watch _watch;
    private long _lastStart;
    private int _number;
    private bool _changed;
    private bool _armed;
    private bool _writing;
    private bool _failed;

    /// <param name="interval">Null: only <c>latest.png</c>, at most twice a second and less often on a slow machine.</param>
    public FrameRecorder(
        EventLoop loop, Head head, string folder, TimeSpan? interval, PngWriter writer, Action<string> log)
    {
        _head = head;
        _folder = folder;
        _numbered = interval is not null;
        _interval = interval ?? s_latestInterval;
        _writer = writer;
        _log = log;
        _watch = loop.Add(_timer, Readiness.In, _ => OnTimer());
    }

    /// <summary>The head looks different now.</summary>
    public void Changed()
    {
        _changed = true;
        Schedule();
    }

    /// <summary>Writes the last state, if it is not on disk yet. For the end; the writer is waited for elsewhere.</summary>
    public void Finish()
    {
        if (_changed)
        {
            Write();
        }
    }

    public void Dispose()
    {
        _watch.Dispose();
        _timer.Dispose();
    }

    private void Schedule()
    {
        if (_changed && !_armed && !_writing)
        {
            TimeSpan since = _lastStart == 0 ? _interval : Stopwatch.GetElapsedTime(_lastStart);
            _armed = true;
            _timer.Arm(TimeSpan.FromTicks(Math.Max(0, (_interval - since).Ticks)), TimeSpan.Zero);
        }
    }

    private void OnTimer()
    {
        _ = _timer.TryDrain(out _);
        _armed = false;
        if (_changed && !_writing)
        {
            Write();
        }
    }

    private void Write()
    {
        long start = Stopwatch.GetTimestamp();
        Snapshot? snapshot = _head.TakeSnapshot();
        if (snapshot is null)
        {
            // No picture: what was written last stays.
            _changed = false;
            return;
        }

        string head = _head.Index == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"-{_head.Index}");
        string latest = Path.Combine(_folder, $"latest{head}.png");
        string[] paths = _numbered
            ? [Path.Combine(_folder, string.Create(CultureInfo.InvariantCulture, $"frame{head}-{_number + 1:D6}.png")), latest]
            : [latest];
        if (_writer.TryWrite(snapshot, paths, OnWritten))
        {
            _lastStart = start;
            _number++;
            _changed = false;
            _writing = true;
        }
    }

    private void OnWritten(string? error)
    {
        _writing = false;
        if (!_numbered)
        {
            TimeSpan patient = Stopwatch.GetElapsedTime(_lastStart) * (RestPerWork + 1);
            _interval = patient > s_latestInterval ? patient : s_latestInterval;
        }

        if (error is null)
        {
            _failed = false;
        }
        else if (!_failed)
        {
            // Once per trouble, not once per frame.
            _failed = true;
            _log(error);
        }

        Schedule();
    }
}
