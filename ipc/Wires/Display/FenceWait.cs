using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Events;

namespace SplitVmm.Wires.Display;

/// <summary>Waits on the event loop for a sync file, but not for ever.</summary>
internal sealed class FenceWait : IDisposable
{
    private readonly Descriptor _fence;
    private readonly TimerFd _patience = TimerFd.Create();
    private readonly Watch _fenceWatch;
    private readonly Watch _patienceWatch;

    /// <param name="fence">Owned from here on.</param>
    /// <param name="over">Called once or more, until this is disposed.</param>
    public FenceWait(EventLoop loop, Descriptor fence, TimeSpan patience, Action over)
    {
        _fence = fence;
        _fenceWatch = loop.Add(fence, Readiness.In, _ => over());
        _patienceWatch = loop.Add(_patience, Readiness.In, _ => over());
        _patience.Arm(patience, TimeSpan.Zero);
    }

    public void Dispose()
    {
        _fenceWatch.Dispose();
        _patienceWatch.Dispose();
        _patience.Dispose();
        _fence.Dispose();
    }
}
