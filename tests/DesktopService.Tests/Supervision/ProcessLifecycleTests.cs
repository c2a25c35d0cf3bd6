using SplitVmm.DesktopService.Spawning;
using SplitVmm.DesktopService.Supervision;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.DesktopService.Tests.Supervision;

[Trait("Tier", Tiers.Unit)]
public sealed class ProcessLifecycleTests
{
    private readonly ProcessLifecycle _life = new();

    [Fact]
    public void Life_InOrder_PassesEveryState()
    {
        Assert.Equal(ProcessState.NotStarted, _life.State);
        Assert.True(_life.OnSpawned());
        Assert.True(_life.OnAttached());
        Assert.True(_life.OnReady());
        Assert.Equal(ProcessState.Ready, _life.State);
        Assert.True(_life.OnEndRequested());
        Assert.True(_life.OnExited(default));
        Assert.Equal(ProcessState.Ended, _life.State);
        Assert.Null(_life.DiedIn);
    }

    [Fact]
    public void LateEvents_ChangeNothing()
    {
        Assert.False(_life.OnAttached());
        Assert.False(_life.OnReady());
        Assert.False(_life.OnEndRequested());
        Assert.False(_life.OnExited(default));
        Assert.Equal(ProcessState.NotStarted, _life.State);
        _ = _life.OnSpawned();
        Assert.False(_life.OnSpawned());
        Assert.False(_life.OnReady());
        _ = _life.OnExited(new ExitStatus(0, 9));
        Assert.False(_life.OnAttached());
        Assert.False(_life.OnEndRequested());
        Assert.Equal(ProcessState.Ended, _life.State);
    }

    [Theory]
    [InlineData(0, nameof(ProcessState.Starting))]
    [InlineData(1, nameof(ProcessState.Attached))]
    [InlineData(2, nameof(ProcessState.Ready))]
    public void Exit_NotAskedFor_KeepsTheStateItDiedIn(int steps, string state)
    {
        _ = _life.OnSpawned();
        _ = steps > 0 && _life.OnAttached();
        _ = steps > 1 && _life.OnReady();
        _ = _life.OnExited(new ExitStatus(1, 0));
        Assert.Equal(state, _life.DiedIn.ToString());
        Assert.False(_life.IsAlive);
    }

    [Fact]
    public void Attached_WhileEnding_DoesNotReviveIt()
    {
        _ = _life.OnSpawned();
        _ = _life.OnEndRequested();
        Assert.False(_life.OnAttached());
        Assert.Equal(ProcessState.Ending, _life.State);
        Assert.True(_life.IsAlive);
    }
}
