using SplitVmm.Control.Protocol;
using SplitVmm.DisplayProcess.Backends;
using SplitVmm.Platform.Events;
using SplitVmm.Wires.Display;

namespace SplitVmm.DisplayProcess.Viewers;

/// <summary>
/// Sizes that viewers ask for (org.qemu.Display1.Console.SetUIInfo), as those of the guest's monitors. Who asked last, viewer or
/// window, is who the guest hears.
/// </summary>
internal sealed class SizesOfViewers : IDisposable
{
    // While an edge is dragged the guest would otherwise switch modes with every step.
    private static readonly TimeSpan s_rest = TimeSpan.FromMilliseconds(200);

    // Linux refuses modes below this.
    private const uint SmallestSide = 32;
    private const uint LargestMillimetres = ushort.MaxValue;
    private const uint RefreshMillihertz = 60_000;
    private const uint PlainScale = 120;

    private readonly IScreen _screen;
    private readonly TimerFd _timer = TimerFd.Create();
    private readonly Watch _watch;
    private readonly ViewerSize?[] _wanted;

    public SizesOfViewers(EventLoop loop, IScreen screen)
    {
        _screen = screen;
        _wanted = new ViewerSize?[screen.Heads.Count];
        _watch = loop.Add(_timer, Readiness.In, _ => OnRest());
    }

    /// <returns>Null, or one line that says what is wrong with it.</returns>
    public string? Take(ViewerSize size)
    {
        if (size.Head >= _wanted.Length)
        {
            return $"there is no monitor {size.Head}";
        }

        if (!IsSide(size.Width) || !IsSide(size.Height))
        {
            return $"{size.Width}x{size.Height} is no size of a monitor; both sides are from {SmallestSide} to {DisplayProtocol.MaxDimension}";
        }

        _wanted[size.Head] = size;
        _timer.Arm(s_rest, TimeSpan.Zero);
        return null;
    }

    public void Dispose()
    {
        _watch.Dispose();
        _timer.Dispose();
    }

    private static bool IsSide(uint pixels) => pixels is >= SmallestSide and <= DisplayProtocol.MaxDimension;

    private void OnRest()
    {
        _ = _timer.TryDrain(out _);
        for (int head = 0; head < _wanted.Length; head++)
        {
            if (_wanted[head] is { } size)
            {
                _wanted[head] = null;
                _screen.SetOutput(new OutputInfo
                {
                    Scanout = size.Head,
                    Enabled = 1,
                    Width = size.Width,
                    Height = size.Height,
                    WidthMillimetres = Math.Min(size.WidthMm, LargestMillimetres),
                    HeightMillimetres = Math.Min(size.HeightMm, LargestMillimetres),
                    RefreshMillihertz = RefreshMillihertz,
                    Scale120 = PlainScale,
                });
            }
        }
    }
}
