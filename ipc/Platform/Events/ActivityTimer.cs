namespace SplitVmm.Platform.Events;

/// <summary>
/// Calls back a while after the loop, or who says so, has done something: what happens meanwhile is covered by the same call. A
/// process that rests is not woken. For the thread of the loop.
/// </summary>
public sealed class ActivityTimer : IDisposable
{
    private readonly EventLoop _loop;
    private readonly TimeSpan _delay;
    private readonly Func<bool> _action;
    private readonly TimerFd _timer = TimerFd.Create();
    private readonly Watch _watch;
    private bool _isArmed;
    private bool _hasExpired;

    /// <param name="delay">From the first activity until the call.</param>
    /// <param name="action">Returns whether it wants to be called again after <paramref name="delay"/>, whatever happens.</param>
    public ActivityTimer(EventLoop loop, TimeSpan delay, Func<bool> action)
    {
        _loop = loop;
        _delay = delay;
        _action = action;
        _watch = loop.Add(_timer, Readiness.In, _ => OnTimer());
        loop.Dispatched += OnDispatched;
    }

    /// <summary>Something was done outside the loop.</summary>
    public void Touch()
    {
        if (!_isArmed)
        {
            _isArmed = true;
            _timer.Arm(_delay, TimeSpan.Zero);
        }
    }

    public void Dispose()
    {
        _loop.Dispatched -= OnDispatched;
        _watch.Dispose();
        _timer.Dispose();
    }

    private void OnDispatched(int handlers)
    {
        // That this timer expired is no activity.
        if (!_hasExpired || handlers > 1)
        {
            Touch();
        }

        _hasExpired = false;
    }

    private void OnTimer()
    {
        _ = _timer.TryDrain(out _);
        _isArmed = false;
        _hasExpired = true;
        if (_action())
        {
            Touch();
        }
    }
}
