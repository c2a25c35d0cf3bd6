using SplitVmm.DesktopService.CommandLine;
using SplitVmm.DesktopService.Supervision;
using SplitVmm.DesktopService.Supervision.Recovery;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.DesktopService.Tests.Supervision;

[Trait("Tier", Tiers.Unit)]
public sealed class RestartPolicyTests
{
    private static readonly RestartLimits Limits = new(4, TimeSpan.FromSeconds(60), TimeSpan.FromMilliseconds(150));

    [Fact]
    public void Crash_First_RestartsAtOnceAndTheNextOnesLater()
    {
        var policy = new RestartPolicy(Limits);
        Assert.Equal([0, 50, 100, 150], Enumerable.Range(0, 4).Select(i => policy.OnCrash(TimeSpan.FromSeconds(i)).Delay.TotalMilliseconds));
        Assert.False(policy.HasGivenUp);
    }

    [Fact]
    public void Crash_BeyondTheQuota_IsFinalForEver()
    {
        var policy = new RestartPolicy(Limits);
        for (int i = 0; i < 4; i++)
        {
            Assert.True(policy.OnCrash(TimeSpan.FromSeconds(i)).Restarts);
        }

        Assert.Equal(new RestartDecision(false, TimeSpan.Zero, 5), policy.OnCrash(TimeSpan.FromSeconds(5)));
        Assert.False(policy.OnCrash(TimeSpan.FromHours(1)).Restarts);
        Assert.True(policy.HasGivenUp);
    }

    [Fact]
    public void Crash_AfterTheWindow_IsTheFirstAgain()
    {
        var policy = new RestartPolicy(Limits);
        for (int i = 0; i < 100; i++)
        {
            Assert.Equal(new RestartDecision(true, TimeSpan.Zero, 1), policy.OnCrash(TimeSpan.FromSeconds(61 * i)));
        }
    }

    [Fact]
    public void Crash_SomeWithinTheWindow_CountsThoseOnly()
    {
        var policy = new RestartPolicy(Limits);
        _ = policy.OnCrash(TimeSpan.Zero);
        _ = policy.OnCrash(TimeSpan.FromSeconds(30));
        Assert.Equal(2, policy.OnCrash(TimeSpan.FromSeconds(61)).Crashes);
        Assert.Equal(3, policy.OnCrash(TimeSpan.FromSeconds(62)).Crashes);
    }

    [Fact]
    public void Crash_ManyAllowed_DelayStaysAtItsLimit()
    {
        var policy = new RestartPolicy(new RestartLimits(100_000, TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(2)));
        for (int i = 0; i < 5000; i++)
        {
            Assert.InRange(policy.OnCrash(TimeSpan.FromMilliseconds(i)).Delay, TimeSpan.Zero, TimeSpan.FromSeconds(2));
        }
    }

    [Theory]
    [InlineData("5/60", 5, 60, 2000)]
    [InlineData("0/1", 0, 1, 2000)]
    [InlineData("1000/60,max-delay=0", 1000, 60, 0)]
    public void Limits_RightText_IsRead(string text, int crashes, int seconds, int delay)
    {
        Assert.True(RestartLimits.TryParse(text, out RestartLimits limits, out _));
        Assert.Equal(new RestartLimits(crashes, TimeSpan.FromSeconds(seconds), TimeSpan.FromMilliseconds(delay)), limits);
    }

    [Theory]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("5/0")]
    [InlineData("-1/60")]
    [InlineData("5/60/7")]
    [InlineData("5/60,delay=3")]
    [InlineData("5/60,max-delay=")]
    [InlineData("5/60,max-delay=1,max-delay=2")]
    [InlineData("9999999/60")]
    public void Limits_WrongText_IsExplained(string text)
    {
        Assert.False(RestartLimits.TryParse(text, out _, out string error));
        Assert.Contains("COUNT/SECONDS", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Track_DeathsInARow_TimeRunsFromTheFirstAndTheLastIsTold()
    {
        var track = new RecoveryTrack(ProcessRole.Gpu, Limits);
        Assert.Null(track.OnWorking(TimeSpan.Zero));
        _ = track.OnEnded(TimeSpan.FromSeconds(1), "died (signal 9)", isPlanned: false);
        _ = track.OnEnded(TimeSpan.FromSeconds(1.1), "died (status 1)", isPlanned: false);
        Assert.True(track.IsDown);
        RecoveryNews? news = track.OnWorking(TimeSpan.FromSeconds(1.25));
        Assert.Equal("gpu-process died (status 1), restarted in 250 ms (2 of 4 in 60 s)", news?.ToString());
        Assert.False(track.IsDown);
        Assert.Null(track.OnWorking(TimeSpan.FromSeconds(2)));
    }

    [Fact]
    public void Track_RestartOnRequest_IsNoCrash()
    {
        var track = new RecoveryTrack(ProcessRole.Gpu, new RestartLimits(0, TimeSpan.FromSeconds(60), TimeSpan.Zero));
        Assert.Equal(new RestartDecision(true, TimeSpan.Zero, 0), track.OnEnded(TimeSpan.Zero, "ended as asked", isPlanned: true));
        Assert.Equal("gpu-process ended as asked, restarted in 180 ms", track.OnWorking(TimeSpan.FromSeconds(0.18))?.ToString());
        Assert.False(track.OnEnded(TimeSpan.FromSeconds(1), "died (signal 9)", isPlanned: false).Restarts);
    }

    [Theory]
    [InlineData(null, 10)]
    [InlineData("NVIDIA H100", 10)]
    [InlineData("llvmpipe (LLVM 15.0.6, 256 bits)", 60)]
    [InlineData("none", 10)]
    public void Patience_WithSoftwareGl_IsLonger(string? renderer, int seconds)
    {
        var options = new RunOptions { Kernel = "k", Grace = TimeSpan.Zero };
        Assert.Equal(TimeSpan.FromSeconds(seconds), Patience.With(ProcessRole.Gpu, options, renderer));
        options = options with { GpuHangTimeout = TimeSpan.FromSeconds(3) };
        Assert.Equal(TimeSpan.FromSeconds(3), Patience.With(ProcessRole.Gpu, options, renderer));
    }

    [Theory]
    [InlineData("accelerated", null, 60)]
    [InlineData("accelerated", "none", 60)]
    [InlineData("accelerated", "llvmpipe (LLVM 15.0.6, 256 bits)", 60)]
    [InlineData("accelerated", "NVIDIA H100", 10)]
    [InlineData("auto", "llvmpipe (LLVM 15.0.6, 256 bits)", 10)]
    public void Patience_WithAWindowBySoftwareGl_IsLonger(string drawnBy, string? renderer, int seconds)
    {
        var options = new RunOptions
        {
            Kernel = "k",
            Grace = TimeSpan.Zero,
            Display = new DisplayChoice(DisplayBackend.Sdl) { Options = [new("renderer", drawnBy)] },
        };

        Assert.Equal(TimeSpan.FromSeconds(seconds), Patience.With(ProcessRole.Display, options, renderer));
    }
}
