using System.Diagnostics;
using SplitVmm.Platform.Events;
using SplitVmm.Wires.Display;

namespace SplitVmm.DisplayProcess.Scanouts;

/// <summary>
/// Answers frames no faster than the output refreshes, so that a source that draws faster reads back no frames that
/// nobody would see. Each frame was copied before it came here; only its answer waits.
/// </summary>
internal sealed class FramePacer : IDisposable
{
    private readonly Action<Frame> _complete;
    private readonly TimerFd _timer = TimerFd.Create();
    private readonly Watch _watch;
    private readonly Frame[] _waiting = new Frame[DisplayProtocol.MaxBuffers];
    private TimeSpan _period = TimeSpan.FromSeconds(1.0 / 60);
    private long _lastAnswer;
    private int _count;

    /// <param name="complete">Answers one frame.</param>
    public FramePacer(EventLoop loop, Action<Frame> complete)
    {
        _complete = complete;
        _watch = loop.Add(_timer, Readiness.In, _ => OnTimer());
    }

    /// <param name="millihertz">Of the output, not 0.</param>
    public void SetRefresh(uint millihertz) => _period = TimeSpan.FromSeconds(1000.0 / millihertz);

    public void Add(in Frame frame)
    {
        TimeSpan since = _lastAnswer == 0 ? _period : Stopwatch.GetElapsedTime(_lastAnswer);
        if (_count == 0 && since >= _period)
        {
            Answer(in frame);
            return;
        }

        if (_count == _waiting.Length)
        {
            // Answers to frames of a configuration that is gone may still be here.
            OnTimer();
        }

        _waiting[_count++] = frame;
        if (_count == 1)
        {
            _timer.Arm(TimeSpan.FromTicks(Math.Max(0, (_period - since).Ticks)), TimeSpan.Zero);
        }
    }

    /// <summary>Forgets what waits: the source does not.</summary>
    public void Clear() => _count = 0;

    public void Dispose()
    {
        _watch.Dispose();
        _timer.Dispose();
    }

    private void OnTimer()
    {
        _ = _timer.TryDrain(out _);
        for (int i = 0; i < _count; i++)
        {
            Answer(in _waiting[i]);
        }

        _count = 0;
    }

    private void Answer(in Frame frame)
    {
        _lastAnswer = Stopwatch.GetTimestamp();
        _complete(frame);
    }
}
