using SplitVmm.DisplayProcess.Backends.Sdl;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.DisplayProcess.Tests.Backends;

[Trait("Tier", Tiers.Unit)]
public sealed class ChosenSizeTests
{
    private static readonly WindowScale s_oneAndAHalf = new(180);

    private readonly ChosenSize _size = new();

    [Fact]
    public void MonitorIn_TheWindowThatWasMadeForIt_IsWhatWasChosen()
    {
        Assert.Equal((683, 512), _size.Choose((1024, 768), s_oneAndAHalf));
        Assert.Equal((1024, 768), _size.MonitorIn((683, 512), (1025, 768), s_oneAndAHalf));
    }

    [Fact]
    public void MonitorIn_AnotherWindow_IsTheWindow_InEachDirection()
    {
        _ = _size.Choose((1024, 768), s_oneAndAHalf);

        Assert.Equal((1026, 768), _size.MonitorIn((684, 512), (1026, 768), s_oneAndAHalf));
        Assert.Equal((1024, 770), _size.MonitorIn((683, 513), (1025, 770), s_oneAndAHalf));
        // The same points at another scale.
        Assert.Equal((1366, 1024), _size.MonitorIn((683, 512), (1366, 1024), new WindowScale(240)));
    }

    [Fact]
    public void TryCorrect_AnotherScaleThanWasThought_GivesThePointsForThePixels()
    {
        _ = _size.Choose((1024, 768), new WindowScale(240));

        Assert.True(_size.TryCorrect((512, 384), s_oneAndAHalf, out (int, int) points));
        Assert.Equal((683, 512), points);
        Assert.False(_size.TryCorrect((683, 512), s_oneAndAHalf, out _));
    }

    [Fact]
    public void TryCorrect_ResizedBySomebody_LeavesIt()
    {
        _ = _size.Choose((1024, 768), new WindowScale(240));

        Assert.False(_size.TryCorrect((500, 300), s_oneAndAHalf, out (int, int) points));
        Assert.Equal((500, 300), points);
    }
}
