using SplitVmm.DisplayProcess.Input;
using SplitVmm.Harness;
using SplitVmm.Wires.Input;
using Xunit;

namespace SplitVmm.DisplayProcess.Tests.Input;

[Trait("Tier", Tiers.Unit)]
public sealed class WheelAxisTests
{
    private readonly WheelAxis _axis = new(EventCodes.REL_WHEEL, EventCodes.REL_WHEEL_HI_RES);

    [Theory]
    [InlineData(1.0, "11/120 8/1")]
    [InlineData(-3.0, "11/-360 8/-3")]
    [InlineData(0.25, "11/30")]
    [InlineData(0.0, "")]
    [InlineData(double.NaN, "")]
    [InlineData(1e30, "11/12000 8/100")]
    public void Turn_Once_GivesTheseEvents(double notches, string expected) => Assert.Equal(expected, Turn(notches));

    [Fact]
    public void Turn_Fractions_AddUpToNotches() =>
        Assert.Equal(["11/48", "11/48", "11/48 8/1", "11/48", "11/48 8/1"], [Turn(0.4), Turn(0.4), Turn(0.4), Turn(0.4), Turn(0.4)]);

    [Fact]
    public void Turn_Back_StartsANewNotch() => Assert.Equal(["11/108", "11/-108", "11/-12 8/-1"], [Turn(0.9), Turn(-0.9), Turn(-0.1)]);

    [Fact]
    public void Turn_TinySteps_AreNotLost()
    {
        int sum = 0;
        for (int i = 0; i < 1000; i++)
        {
            string events = Turn(0.001);
            sum += events.Length == 0 ? 0 : int.Parse(events.Split(' ')[0].Split('/')[1], System.Globalization.CultureInfo.InvariantCulture);
        }

        Assert.Equal(120, sum);
    }

    private string Turn(double notches)
    {
        var events = new InputEvent[2];
        int count = _axis.Turn(notches, events);
        return string.Join(' ', events.Take(count).Select(item => $"{item.Code}/{item.Value}"));
    }
}
