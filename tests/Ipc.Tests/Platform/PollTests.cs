using System.Diagnostics;
using SplitVmm.Harness;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Events;
using SplitVmm.Platform.Sockets;
using Xunit;

namespace SplitVmm.Ipc.Tests.Platform;

[Trait("Tier", Tiers.Unit)]
public sealed class PollTests
{
    [Fact]
    public void WaitUntil_Ready_ReturnsAtOnce()
    {
        using EventFd line = EventFd.Create();
        _ = line.Signal();

        Assert.True(Poll.WaitUntil(line, Readiness.In, Stopwatch.GetTimestamp() + Stopwatch.Frequency));
    }

    [Fact]
    public void WaitUntil_DeadlineInThePast_LooksOnce()
    {
        using EventFd line = EventFd.Create();

        Assert.False(Poll.WaitUntil(line, Readiness.In, 0));
        _ = line.Signal();
        Assert.True(Poll.WaitUntil(line, Readiness.In, 0));
    }

    [Fact]
    public void WaitUntil_NeverReady_WaitsForTheDeadline()
    {
        using EventFd line = EventFd.Create();
        long start = Stopwatch.GetTimestamp();

        Assert.False(Poll.WaitUntil(line, Readiness.In, start + (Stopwatch.Frequency / 20)));

        Assert.True(Stopwatch.GetElapsedTime(start) >= TimeSpan.FromMilliseconds(49));
    }

    [Fact]
    public void WaitUntil_PeerGone_ReturnsAtOnce()
    {
        (UnixSocket first, UnixSocket second) = UnixSocket.CreateStreamPair();
        second.Dispose();

        Assert.True(Poll.WaitUntil(first, Readiness.In, Stopwatch.GetTimestamp() + (10 * Stopwatch.Frequency)));
        first.Dispose();
    }
}
