namespace SplitVmm.DesktopService.Views;

/// <summary>Frames per second from a counter that is read now and then.</summary>
internal sealed class FrameRate
{
    /// <summary>Shorter intervals than this say nothing.</summary>
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(0.4);

    /// <summary>After this time without news nothing is being drawn.</summary>
    private static readonly TimeSpan Stale = TimeSpan.FromSeconds(2);

    private ulong _lastFrames;
    private TimeSpan _lastTime;
    private double _rate;

    public void Update(ulong frames, TimeSpan now)
    {
        if (now - _lastTime < Shortest)
        {
            return;
        }

        // A counter that went back belongs to a restarted process.
        _rate = frames >= _lastFrames ? (frames - _lastFrames) / (now - _lastTime).TotalSeconds : 0;
        _lastFrames = frames;
        _lastTime = now;
    }

    public double At(TimeSpan now) => now - _lastTime > Stale ? 0 : _rate;
}
