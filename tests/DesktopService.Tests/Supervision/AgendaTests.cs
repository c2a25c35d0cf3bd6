using SplitVmm.DesktopService.Supervision;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.DesktopService.Tests.Supervision;

[Trait("Tier", Tiers.Unit)]
public sealed class AgendaTests
{
    private readonly List<string> _done = [];
    private readonly Agenda _agenda;
    private TimeSpan _now;

    public AgendaTests() => _agenda = new Agenda(() => _now);

    [Fact]
    public void Due_InOrderOfTime()
    {
        _agenda.After(TimeSpan.FromSeconds(2), () => _done.Add("late"));
        _agenda.After(TimeSpan.FromSeconds(1), () => _done.Add("early"));
        Assert.Equal(1000, _agenda.NextTimeout());
        Pass(0.9);
        Assert.Empty(_done);
        Assert.Equal(100, _agenda.NextTimeout());
        Pass(5);
        Assert.Equal(["early", "late"], _done);
        Assert.Equal(-1, _agenda.NextTimeout());
    }

    [Fact]
    public void Action_MayAddActions()
    {
        _agenda.After(TimeSpan.Zero, () => _agenda.After(TimeSpan.Zero, () => _done.Add("second")));
        _agenda.RunDue();
        Assert.Empty(_done);
        Assert.Equal(0, _agenda.NextTimeout());
        _agenda.RunDue();
        Assert.Equal(["second"], _done);
    }

    [Fact]
    public void OnBeat_AskedAtDifferentTimes_FallsTogether()
    {
        Pass(0.3);
        _agenda.OnBeat(TimeSpan.FromSeconds(2), () => _done.Add("often"));
        Pass(1);
        _agenda.OnBeat(TimeSpan.FromSeconds(4), () => _done.Add("seldom"));
        Pass(0.6);
        Assert.Empty(_done);
        Pass(0.1);
        Assert.Equal(["often"], _done);
        // At a beat it is the next one.
        _agenda.OnBeat(TimeSpan.FromSeconds(2), () => _done.Add("again"));
        Assert.Equal(2000, _agenda.NextTimeout());
        Pass(2);
        Assert.Equal(["often", "seldom", "again"], _done);
    }

    [Fact]
    public void Every_UntilItSaysNo()
    {
        _agenda.Every(TimeSpan.FromSeconds(1), () =>
        {
            _done.Add("x");
            return _done.Count < 3;
        });
        for (int i = 0; i < 10; i++)
        {
            Pass(1);
        }

        Assert.Equal(3, _done.Count);
    }

    private void Pass(double seconds)
    {
        _now += TimeSpan.FromSeconds(seconds);
        _agenda.RunDue();
    }
}
