using System.Diagnostics;
using SplitVmm.DisplayProcess.Scanouts;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.DisplayProcess.Tests.Scanouts;

[Trait("Tier", Tiers.Unit)]
public sealed class FrameLatencyTests
{
    private readonly FrameLatency _latency = new();

    [Fact]
    public void Within_BeforeTheFirst_Is0()
    {
        _latency.Add(0);

        Assert.Equal(0u, _latency.Within(0.5));
    }

    [Fact]
    public void Within_IsOfTheLast256()
    {
        for (int i = 0; i < 1000; i++)
        {
            _latency.Add(TimeSpan.FromMicroseconds(1_000_000));
        }

        for (uint i = 256; i > 0; i--)
        {
            _latency.Add(TimeSpan.FromMicroseconds(i));
        }

        Assert.Equal((1u, 128u, 253u, 256u), (_latency.Within(0), _latency.Within(0.5), _latency.Within(0.99), _latency.Within(1)));
    }

    [Theory]
    [InlineData(long.MinValue)]
    [InlineData(long.MaxValue)]
    [InlineData(-1)]
    public void Add_WhatASourceMaySay_IsATime(long flushed)
    {
        _latency.Add(flushed);

        Assert.InRange(_latency.Within(1), 0u, 60_000_000u);
    }

    [Fact]
    public void Add_TheClockOfBothProcesses_GivesTheTimeBetween()
    {
        long flushed = Stopwatch.GetTimestamp();
        Thread.Sleep(20);
        _latency.Add(flushed);

        Assert.InRange(_latency.Within(0.5), 20_000u, 20_000_000u);
    }
}
