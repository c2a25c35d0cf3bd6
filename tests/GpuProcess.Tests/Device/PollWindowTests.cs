using SplitVmm.GpuProcess.Device;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.GpuProcess.Tests.Device;

[Trait("Tier", Tiers.Unit)]
public sealed class PollWindowTests
{
    private const long Longest = 100;

    private readonly PollWindow _window = new(Longest);
    private long _now = 1000;

    [Fact]
    public void Length_BeforeAnything_IsZero() => Assert.Equal(0, _window.Length);

    [Fact]
    public void Length_RequestsSoonAfterOneAnother_GrowsToTheLongest()
    {
        var lengths = new List<long>();
        for (int i = 0; i < 4; i++)
        {
            Request(after: Longest);
            lengths.Add(_window.Length);
        }

        Assert.Equal([25, 50, 100, 100], lengths);
    }

    [Fact]
    public void Length_RequestsWithinIt_Stays()
    {
        Request(after: 30);
        Request(after: 20);
        Request(after: 25);

        Assert.Equal(25, _window.Length);
    }

    [Fact]
    public void Length_RequestAfterALongTime_IsZeroAgain()
    {
        Request(after: 30);
        Request(after: Longest + 1);

        Assert.Equal(0, _window.Length);
    }

    [Fact]
    public void Length_TimeInWhichTheRendererWorked_DoesNotCount()
    {
        Request(after: 30);
        _window.Idle(_now);
        _window.Forget();
        _now += 10 * Longest;
        _window.Found(_now);

        Assert.Equal(25, _window.Length);
    }

    [Fact]
    public void Length_PollingOff_StaysZero()
    {
        var off = new PollWindow(0);
        off.Idle(1);
        off.Found(1);

        Assert.Equal(0, off.Length);
    }

    private void Request(long after)
    {
        _window.Idle(_now);
        _now += after;
        _window.Found(_now);
    }
}
