using SplitVmm.Harness;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Events;
using Xunit;

namespace SplitVmm.Ipc.Tests.Platform;

/// <summary>A timer that runs only after something has happened.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class ActivityTimerTests : IDisposable
{
    private static readonly TimeSpan s_delay = TimeSpan.FromMilliseconds(10);

    // Long enough that a timer that runs by itself expires many times.
    private const int Rest = 200;
    private const int Long = 10_000;

    private readonly EventLoop _loop = new();
    private readonly EventFd _event = EventFd.Create();
    private readonly Watch _watch;
    private int _calls;
    private bool _wantsMore;

    public ActivityTimerTests() => _watch = _loop.Add(_event, Readiness.In, _ => _event.TryDrain(out ulong _));

    [Fact]
    public void Loop_AtRest_IsNotWoken()
    {
        using ActivityTimer timer = Make();
        Assert.Equal(0, _loop.RunOnce(Rest));
        Assert.Equal(0, _calls);
    }

    [Fact]
    public void Loop_ThatHasWorked_IsCalledOnceAndThenNotWoken()
    {
        using ActivityTimer timer = Make();
        Work();
        Work();
        Assert.Equal(0, _calls);
        Assert.Equal(1, _loop.RunOnce(Long));
        Assert.Equal(1, _calls);
        Assert.Equal(0, _loop.RunOnce(Rest));

        Work();
        Assert.Equal(1, _loop.RunOnce(Long));
        Assert.Equal(2, _calls);
    }

    [Fact]
    public void Work_BesideTheCall_CallsAgain()
    {
        using ActivityTimer timer = Make();
        Work();
        Thread.Sleep(s_delay * 5);
        _ = _event.Signal();
        Assert.Equal(2, _loop.RunOnce(Long));
        Assert.Equal(1, _loop.RunOnce(Long));
        Assert.Equal(2, _calls);
    }

    [Fact]
    public void Action_ThatWantsMore_IsCalledUntilItDoesNot()
    {
        using ActivityTimer timer = Make();
        _wantsMore = true;
        timer.Touch();
        Assert.Equal(1, _loop.RunOnce(Long));
        Assert.Equal(1, _loop.RunOnce(Long));
        _wantsMore = false;
        Assert.Equal(1, _loop.RunOnce(Long));
        Assert.Equal(0, _loop.RunOnce(Rest));
        Assert.Equal(3, _calls);
    }

    [Fact]
    public void Dispose_LeavesTheLoop()
    {
        Make().Dispose();
        Work();
        Assert.Equal(0, _loop.RunOnce(Rest));
    }

    public void Dispose()
    {
        _watch.Dispose();
        _event.Dispose();
        _loop.Dispose();
    }

    private ActivityTimer Make() => new(_loop, s_delay, () =>
    {
        _calls++;
        return _wantsMore;
    });

    private void Work()
    {
        _ = _event.Signal();
        Assert.Equal(1, _loop.RunOnce(Long));
    }
}
