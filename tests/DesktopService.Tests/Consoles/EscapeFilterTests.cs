using SplitVmm.DesktopService.Consoles;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.DesktopService.Tests.Consoles;

[Trait("Tier", Tiers.Unit)]
public sealed class EscapeFilterTests
{
    [Theory]
    [InlineData("abc", "abc", "")]
    [InlineData("\u0001x", "", "Quit")]
    [InlineData("\u0001X", "", "Quit")]
    [InlineData("a\u0001hb", "ab", "Help")]
    [InlineData("\u0001\u0001x", "\u0001x", "")]
    [InlineData("\u0001a", "\u0001", "")]
    [InlineData("\u0001zx", "x", "")]
    [InlineData("\u0003\u001a\u001c", "\u0003\u001a\u001c", "")]
    public void Keys_GoToTheGuest_ButForEscapes(string typed, string guest, string escapes)
    {
        var filter = new EscapeFilter();
        string passed = "";
        var found = new List<KeyMeaning>();
        foreach (char key in typed)
        {
            switch (filter.Take((byte)key, out byte forGuest))
            {
                case KeyMeaning.Pass:
                    passed += (char)forGuest;
                    break;
                case KeyMeaning.Swallow:
                    break;
                case var escape:
                    found.Add(escape);
                    break;
            }
        }

        Assert.Equal(guest, passed);
        Assert.Equal(escapes, string.Join(' ', found));
    }
}
