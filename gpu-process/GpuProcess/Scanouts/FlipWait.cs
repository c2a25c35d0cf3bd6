using System.Numerics;
using SplitVmm.GpuProcess.Device;
using SplitVmm.Platform.Events;
using SplitVmm.Wires.Display;

namespace SplitVmm.GpuProcess.Scanouts;

/// <summary>
/// After a flip from one dma-buf to another the guest may draw in the first again as soon as it hears that the flip is
/// complete. It hears nothing before the display has let go of it, however long the display needs to draw. One that says
/// nothing at all has stopped: the guest goes on without it, and waits again once it has answered.
/// </summary>
internal sealed class FlipWait : IDisposable
{
    private readonly ulong[] _awaited = new ulong[DisplayProtocol.MaxScanouts];
    private readonly TimerFd _timer = TimerFd.Create();
    private readonly Watch _watch;
    private readonly GpuStatistics _statistics;
    private uint _pending;
    private uint _late;

    public FlipWait(EventLoop loop, GpuStatistics statistics)
    {
        _statistics = statistics;
        _watch = loop.Add(_timer, Readiness.In, _ => OnTimer());
    }

    /// <summary>
    /// By default longer than OpenGL needs for a picture on a busy processor, and less than the 5 s for which Linux's driver waits
    /// for an answer to what it asks of the device.
    /// </summary>
    public TimeSpan Patience { get; set; } = TimeSpan.FromSeconds(4);

    public bool IsWaiting => _pending != 0;

    /// <summary>Called when there is nothing to wait for any more.</summary>
    public Action? Over { get; set; }

    /// <summary>A frame was sent that shows another buffer than the one before.</summary>
    public void Begin(uint scanout, ulong sequence)
    {
        uint bit = 1u << (int)scanout;
        if ((_late & bit) != 0)
        {
            _statistics.FlipsNotAwaited++;
            return;
        }

        _awaited[scanout] = sequence;
        _pending |= bit;
        _timer.Arm(Patience, TimeSpan.Zero);
    }

    /// <summary>The display shows a frame.</summary>
    public void Shown(uint scanout, ulong sequence)
    {
        uint bit = 1u << (int)scanout;
        _late &= ~bit;
        if ((_pending & bit) != 0 && _awaited[scanout] == sequence)
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
        _late = 0;
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
        if (_pending == 0)
        {
            return;
        }

        _statistics.FlipsNotAwaited += BitOperations.PopCount(_pending);
        _late |= _pending;
        _pending = 0;
        EndIfOver();
    }
}
