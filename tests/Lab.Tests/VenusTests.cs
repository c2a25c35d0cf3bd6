using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.Lab.Tests;

/// <summary>
/// An unmodified Debian guest that draws by Vulkan: Mesa's Venus driver, virgl_render_server in its cage, lavapipe, and
/// memory of the server that is mapped into the guest by udmabuf.
/// </summary>
[Trait("Tier", Tiers.Lab)]
public sealed class VenusTests(VenusBoot boot) : IClassFixture<VenusBoot>
{
    /// <summary>Where red, green and blue are in a pixel.</summary>
    private static readonly int[] s_colours = [16, 8, 0];

    [Fact]
    public void Guest_SeesTheGpu()
    {
        foreach (string feature in (string[])["+resource_blob", "+host_visible", "+context_init", "number of cap sets: 3"])
        {
            Assert.Contains(feature, boot.Run.Console, StringComparison.Ordinal);
        }

        Assert.Contains("deviceName         = Virtio-GPU Venus (llvmpipe", boot.Run.Console, StringComparison.Ordinal);
        Assert.Contains("vulkaninfo ended with 0", boot.Run.Console, StringComparison.Ordinal);
    }

    [Fact]
    public void Vkcube_DrawsItsCube()
    {
        Assert.Contains("Selected GPU 0: Virtio-GPU Venus", boot.Run.Console, StringComparison.Ordinal);
        Assert.Contains("vkcube draws", boot.Run.Console, StringComparison.Ordinal);
        Picture picture = boot.Run.Shot("vkcube");
        // A window of 400 by 400 pixels on black: grey, with a cube that has a picture on each side.
        Assert.InRange(picture.Share(pixel => pixel == 0x333333), 0.03, 0.14);
        Assert.True(picture.Share(pixel => pixel is not 0 and not 0x333333) > 0.01, "there is no cube");
        Assert.True(picture.CountDistinctColours() > 50, $"{picture.CountDistinctColours()} colours are too few for it");
    }

    [Fact]
    public void Zink_DrawsGears()
    {
        Assert.Contains("es2gears draws by Venus", boot.Run.Console, StringComparison.Ordinal);
        Picture picture = boot.Run.Shot("zink");
        foreach (int shift in s_colours)
        {
            Assert.True(picture.Share(pixel => IsMainly(pixel, shift)) > 0.001, $"no gear of colour {shift}");
        }
    }

    [Fact]
    public void Guest_HasNothingToComplainOf()
    {
        string before = boot.Run.Console.Split("nothing was killed so far")[0];
        Assert.DoesNotMatch(@"\*ERROR\*|hung task|soft lockup|BUG:|Oops", before);
    }

    [Fact]
    public void KilledServer_EndsItsProgramsAndServesNewOnes()
    {
        Assert.Matches("gpu-process lost its Venus server, which was killed by signal 9", boot.Run.Console);
        Assert.DoesNotContain("vkcube hangs", boot.Run.Console, StringComparison.Ordinal);
        Assert.Contains("vulkaninfo ended again with 0", boot.Run.Console, StringComparison.Ordinal);
        Assert.Contains("venus job ends", boot.Run.Console, StringComparison.Ordinal);
        Assert.Equal(0, boot.Run.ExitStatus);
        Assert.Empty(boot.Run.ProcessesLeft);
    }

    private static bool IsMainly(int pixel, int shift)
    {
        int main = (pixel >> shift) & 0xFF;
        return main > 90 && Array.TrueForAll(s_colours, other => other == shift || ((pixel >> other) & 0xFF) < main * 2 / 3);
    }
}
