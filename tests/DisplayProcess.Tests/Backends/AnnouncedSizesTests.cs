using SplitVmm.DisplayProcess.Backends.Sdl;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.DisplayProcess.Tests.Backends;

[Trait("Tier", Tiers.Unit)]
public sealed class AnnouncedSizesTests
{
    [Fact]
    public void IsNear_SizesOfLateAndRoundedAnswers_AreRecognised()
    {
        var sizes = new AnnouncedSizes();
        sizes.Add(1280, 800);
        sizes.Add(1003, 701);

        Assert.True(sizes.IsNear(1280, 800));
        Assert.True(sizes.IsNear(1000, 700));
        Assert.False(sizes.IsNear(1280, 701));
        Assert.False(sizes.IsNear(1920, 1080));
    }

    [Fact]
    public void IsNear_AfterManyOthers_Forgets()
    {
        var sizes = new AnnouncedSizes();
        sizes.Add(1280, 800);
        for (int i = 1; i <= 8; i++)
        {
            sizes.Add(100 * i, 100 * i);
        }

        Assert.False(sizes.IsNear(1280, 800));
    }
}
