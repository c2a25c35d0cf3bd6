using SplitVmm.Control.Protocol;
using SplitVmm.DesktopService.Supervision;
using SplitVmm.DesktopService.Supervision.Recovery;
using SplitVmm.DesktopService.Text;

namespace SplitVmm.DesktopService.Views;

/// <summary>Collects what the processes report into what the user sees.</summary>
/// <param name="clock">Time since <c>splitvmm</c> was started.</param>
internal sealed class StatusModel(Func<TimeSpan> clock)
{
    private readonly FrameRate _rate = new();
    private MachineStatus _status = new();
    private readonly Dictionary<ProcessRole, (int Restarts, int Crashes)> _counts = [];
    private bool _displayCounts;
    private Total _frames;
    private Total _acceleratedFrames;
    private Total _framesSent;
    private Total _gpuCopies;
    private Total _flipsNotAwaited;
    private Total _framesReceived;
    private Total _displayCopies;
    private string _bufferUse = "";
    private string _memfdReason = "";

    public MachineStatus Snapshot()
    {
        TimeSpan now = clock();
        return _status with { Elapsed = now, FramesPerSecond = _rate.At(now) };
    }

    public void SetSandboxOff(bool off) => _status = _status with { IsSandboxOff = off };

    public void SetState(string state) => _status = _status with { State = state };

    public void SetSilent(IReadOnlyList<string> processes) => _status = _status with { Silent = processes };

    public void SetDown(IReadOnlyList<string> processes) => _status = _status with { Down = processes };

    /// <summary>Counts what has become of a process.</summary>
    public void Count(RecoveryNews news)
    {
        bool isCrash = news is { IsPlanned: false, Step: RecoveryStep.Down or RecoveryStep.GivenUp };
        int crashes = isCrash ? 1 : 0;
        int restarts = news.Step == RecoveryStep.Restarted ? 1 : 0;
        (int Restarts, int Crashes) before = CountsOf(news.Role);
        _counts[news.Role] = (before.Restarts + restarts, before.Crashes + crashes);
        _status = _status with { Restarts = _status.Restarts + restarts, Crashes = _status.Crashes + crashes };
    }

    /// <summary>How often a process was replaced, and how often it died before it was asked to.</summary>
    public (int Restarts, int Crashes) CountsOf(ProcessRole role) => _counts.GetValueOrDefault(role);

    /// <summary>display-process is up.</summary>
    public void Take(BackendInfo backend) => _status = _status with { FrameTransport = OneLine.Clean(backend.Transport) };

    /// <returns>True if it is news: the first, or another one than before a restart.</returns>
    public bool Take(RendererInfo renderer)
    {
        MachineStatus before = _status;
        _status = _status with
        {
            Renderer = OneLine.Clean(renderer.Renderer),
            Capsets = OneLine.Clean(string.Join(' ', renderer.Capsets)),
        };
        return _status != before;
    }

    /// <returns>True if it is news.</returns>
    public bool Take(FirstFlush flush)
    {
        TimeSpan now = clock();
        bool isNews = flush.Accelerated ? _status.FirstAcceleratedFrame is null : _status.FirstFrame is null && !_displayCounts;
        if (flush.Accelerated)
        {
            _status = _status with { FirstAcceleratedFrame = _status.FirstAcceleratedFrame ?? now };
        }

        if (!_displayCounts)
        {
            _status = _status with { FirstFrame = _status.FirstFrame ?? now };
        }

        return isNews;
    }

    /// <returns>True if it is news.</returns>
    public bool Take(FirstFrame frame)
    {
        bool isNews = _status.FirstFrame is null;
        _status = _status with { FirstFrame = _status.FirstFrame ?? clock(), Width = frame.Width, Height = frame.Height };
        return isNews;
    }

    public void Take(GpuStatistics statistics)
    {
        _memfdReason = OneLine.Clean(statistics.MemfdReason);
        _status = _status with
        {
            AcceleratedFrames = _acceleratedFrames.Add(statistics.AcceleratedFrames),
            FramesSent = _framesSent.Add(statistics.FramesSent),
            GpuCopies = _gpuCopies.Add(statistics.Copies),
            FlipsNotAwaited = _flipsNotAwaited.Add(statistics.FlipsNotAwaited),
        };
        TellTransport();
        if (!_displayCounts)
        {
            CountFrames(statistics.Frames);
        }
    }

    public void Take(DisplayStatistics statistics)
    {
        _bufferUse = OneLine.Clean(statistics.BufferUse);
        _status = _status with
        {
            Width = statistics.Width,
            Height = statistics.Height,
            FramesReceived = _framesReceived.Add(statistics.Received),
            DisplayCopies = _displayCopies.Add(statistics.Copies),
            FrameLatency = statistics.LatencyMicroseconds,
            FrameLatencyP99 = statistics.LatencyP99Microseconds,
        };
        TellTransport();
        CountFrames(statistics.Frames);
    }

    /// <returns>How often it has happened so far.</returns>
    public ulong Take(WindowRepaired repaired)
    {
        _status = _status with { WindowRepairs = repaired.Repairs };
        return repaired.Repairs;
    }

    /// <summary>There is a display-process: a frame counts when it is shown.</summary>
    public void CountAtDisplay() => _displayCounts = true;

    private void TellTransport()
    {
        if (_bufferUse.Length > 0)
        {
            bool isDmaBuf = _bufferUse != "memfd";
            _status = _status with
            {
                FrameTransport = isDmaBuf ? "dma-buf" : "memfd",
                FrameTransportReason = isDmaBuf ? $"{_bufferUse} by the display" : _memfdReason,
            };
        }
    }

    private void CountFrames(ulong counted)
    {
        ulong frames = _frames.Add(counted);
        _rate.Update(frames, clock());
        _status = _status with { Frames = frames };
    }

    /// <summary>Sums a counter that begins again at 0 in each new process.</summary>
    private struct Total
    {
        private ulong _before;
        private ulong _last;

        public ulong Add(ulong counted)
        {
            if (counted < _last)
            {
                _before += _last;
            }

            _last = counted;
            return _before + counted;
        }
    }
}
