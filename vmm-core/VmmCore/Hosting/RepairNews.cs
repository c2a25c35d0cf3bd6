using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Events;

namespace SplitVmm.VmmCore.Hosting;

/// <summary>
/// Brings the news of repaired windows from the vCPU threads to the machine's thread: the first at once, then at most
/// once an interval, with the count. A back end that breaks its mappings all the time floods nobody.
/// </summary>
internal sealed class RepairNews : IDisposable
{
    private readonly EventLoop _loop;
    private readonly TimeSpan _interval;
    private readonly Action<ulong> _tell;
    private readonly Action _onRepair;
    private readonly TimerFd _timer = TimerFd.Create();
    private readonly Watch _watch;
    private ulong _repairs;
    private int _posted;
    private ulong _told;
    private bool _isResting;

    /// <param name="loop">On whose thread it is made, told and disposed.</param>
    /// <param name="tell">Told how many repairs there were since start.</param>
    public RepairNews(EventLoop loop, TimeSpan interval, Action<ulong> tell)
    {
        _loop = loop;
        _interval = interval;
        _tell = tell;
        _onRepair = Tell;
        _watch = loop.Add(_timer, Readiness.In, _ => OnTimer());
    }

    /// <summary>A window was repaired. From any thread; allocates nothing.</summary>
    public void Add()
    {
        _ = Interlocked.Increment(ref _repairs);
        if (Interlocked.Exchange(ref _posted, 1) == 0)
        {
            _loop.Post(_onRepair);
        }
    }

    public void Dispose()
    {
        _watch.Dispose();
        _timer.Dispose();
    }

    private void OnTimer()
    {
        _ = _timer.TryDrain(out _);
        _isResting = false;
        Tell();
    }

    private void Tell()
    {
        if (_isResting)
        {
            // The timer follows; until then nothing need be posted.
            return;
        }

        // Before the count is read: what is added after this posts again.
        _ = Interlocked.Exchange(ref _posted, 0);
        ulong repairs = Interlocked.Read(ref _repairs);
        if (repairs != _told)
        {
            _told = repairs;
            _isResting = true;
            _timer.Arm(_interval, TimeSpan.Zero);
            _tell(repairs);
        }
    }
}
