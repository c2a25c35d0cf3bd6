using SplitVmm.Platform.Events;
using SplitVmm.Wires.Display;

namespace SplitVmm.GpuProcess.Scanouts;

/// <summary>
/// After a flip from one dma-buf to another the guest may draw in the first again as soon as it hears that the flip is
/// complete. It hears nothing before the display has let go of it, or has had its time.
/// </summary>
internal sealed class FlipWait : IDisposable
{
    private readonly ulong[] _awaited = new ulong[DisplayProtocol.MaxScanouts];
    private readonly TimerFd _timer = TimerFd.Create();
    private readonly Watch _watch;
    private uint _pending;

    public FlipWait(EventLoop loop) => _watch = loop.Add(_timer, Readiness.In, _ => OnTimer());

    /// <summary>By default several pictures of any monitor: a display that needs longer has stopped, and the guest goes on without it.</summary>
    public TimeSpan Patience { get; set; } = TimeSpan.FromMilliseconds(100);

    public bool IsWaiting => _pending != 0;

    /// <summary>Called when there is nothing to wait for any more.</summary>
    public Action? Over { get; set; }

    /// <summary>A frame was sent that shows another buffer than the one before.</summary>
    public void Begin(uint scanout, ulong sequence)
    {
        _awaited[scanout] = sequence;
        _pending |= 1u << (int)scanout;
        _timer.Arm(Patience, TimeSpan.Zero);
    }

    /// <summary>The display shows a frame.</summary>
    public void Shown(uint scanout, ulong sequence)
    {
        if ((_pending & (1u << (int)scanout)) != 0 && _awaited[scanout] == sequence)
        {
            End(scanout);
        }
    }

    /// <summary>Nothing more comes for the scanout.</summary>
    public void End(uint scanout)
    {
        if ((_pending & (1u << (int)scanout)) != 0)
        {
            _pending &= ~(1u << (int)scanout);
            EndIfOver();
        }
    }

    /// <summary>The display has gone.</summary>
    public void EndAll()
    {
        if (_pending != 0)
        {
            _pending = 0;
            EndIfOver();
        }
    }

    public void Dispose()
    {
        _watch.Dispose();
        _timer.Dispose();
    }

    private void EndIfOver()
    {
        if (_pending == 0)
        {
            _timer.Disarm();
            Over?.Invoke();
        }
    }

    private void OnTimer()
    {
        _ = _timer.TryDrain(out _);
        EndAll();
    }
}
