using SplitVmm.Harness;
using SplitVmm.Platform.Events;
using SplitVmm.VmmCore.Hosting;
using Xunit;

namespace SplitVmm.VmmCore.Tests.Hosting;

/// <summary>How the news of a repaired window gets from a vCPU thread to the supervisor.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class RepairNewsTests : IDisposable
{
    private readonly EventLoop _loop = new();
    private readonly List<ulong> _told = [];

    [Fact]
    public void Add_First_IsToldAtOnceOnTheLoop()
    {
        using RepairNews news = Make(TimeSpan.FromHours(1));
        var vcpu = new Thread(news.Add);
        vcpu.Start();
        vcpu.Join();
        Assert.Empty(_told);

        _ = _loop.RunOnce(10_000);
        Assert.Equal([1], _told);
    }

    [Fact]
    public void Add_MoreWithinTheInterval_WaitsForItsEnd()
    {
        using RepairNews news = Make(TimeSpan.FromMilliseconds(20));
        news.Add();
        _ = _loop.RunOnce(10_000);
        for (int i = 0; i < 1000; i++)
        {
            news.Add();
        }

        // The post, which says nothing yet or comes after the timer, and the timer.
        while (_told.Count < 2)
        {
            Assert.NotEqual(0, _loop.RunOnce(10_000));
        }

        Assert.Equal([1, 1001], _told);
    }

    [Fact]
    public void Add_AfterARest_IsToldAgain()
    {
        using RepairNews news = Make(TimeSpan.FromMilliseconds(5));
        for (ulong i = 1; i <= 3; i++)
        {
            news.Add();
            while ((ulong)_told.Count < i)
            {
                Assert.NotEqual(0, _loop.RunOnce(10_000));
            }

            Thread.Sleep(10);
            // The end of the rest, with nothing to tell.
            _ = _loop.RunOnce(10_000);
        }

        Assert.Equal([1, 2, 3], _told);
    }

    [Fact]
    public void Add_FromManyThreads_EveryOneIsCounted()
    {
        using RepairNews news = Make(TimeSpan.FromMilliseconds(1));
        Thread[] vcpus = [.. Enumerable.Range(0, 4).Select(_ => new Thread(() =>
        {
            for (int i = 0; i < 2500; i++)
            {
                news.Add();
            }
        }))];
        Array.ForEach(vcpus, vcpu => vcpu.Start());
        while (_told.Count == 0 || _told[^1] < 10_000)
        {
            Assert.NotEqual(0, _loop.RunOnce(10_000));
        }

        Array.ForEach(vcpus, vcpu => vcpu.Join());
        Assert.Equal(_told.Order(), _told);
        Assert.Equal(_told.Distinct(), _told);
    }

    public void Dispose() => _loop.Dispose();

    private RepairNews Make(TimeSpan interval) => new(_loop, interval, _told.Add);
}
