using SplitVmm.Harness;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Events;
using Xunit;

namespace SplitVmm.Ipc.Tests.Platform;

/// <summary>A watch that goes from one descriptor to the next.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class WatchTests : IDisposable
{
    private const int Rounds = 100;

    private readonly EventLoop _loop = new();
    private readonly EventFd _first = EventFd.Create();
    private readonly EventFd _second = EventFd.Create();
    private int _calls;

    [Fact]
    public void MoveTo_Another_IsReadyForThatAlone()
    {
        using Watch watch = _loop.Add(_first, Readiness.In, _ => _calls++);
        watch.MoveTo(_second, Readiness.In);

        _ = _first.Signal();
        _ = _loop.RunOnce(0);
        Assert.Equal(0, _calls);

        _ = _second.Signal();
        _ = _loop.RunOnce(0);
        Assert.Equal(1, _calls);
    }

    [Fact]
    public void Rest_UntilItIsMoved_CallsNothingAndLetsTheDescriptorGo()
    {
        using Watch watch = _loop.Add(_first, Readiness.In, _ => _calls++);
        _ = _first.Signal();
        watch.Rest();
        watch.Rest();
        _ = _loop.RunOnce(0);
        Assert.Equal(0, _calls);

        _first.Dispose();
        watch.MoveTo(_second, Readiness.In);
        _ = _second.Signal();
        _ = _loop.RunOnce(0);
        Assert.Equal(1, _calls);
    }

    [Fact]
    public void MoveTo_AgainAndAgain_AllocatesNothing()
    {
        using Watch watch = _loop.Add(_first, Readiness.In, _ => _calls++);
        watch.MoveTo(_second, Readiness.In);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < Rounds; i++)
        {
            watch.MoveTo(i % 2 == 0 ? _first : _second, Readiness.In);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    public void Dispose()
    {
        _loop.Dispose();
        _first.Dispose();
        _second.Dispose();
    }
}
