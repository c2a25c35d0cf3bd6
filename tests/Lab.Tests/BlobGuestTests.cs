using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.Lab.Tests;

/// <summary>An unmodified Debian guest on a GPU with blob resources and a host-visible window.</summary>
[Trait("Tier", Tiers.Lab)]
public sealed class BlobGuestTests(LabMachine lab)
{
    [Fact]
    public void Without3D_FrameBuffersAreBlobs_AndAreShown()
    {
        lab.Start();
        GuestRun run = MemFdBlobs.Run;

        Assert.Contains("-virgl", run.Console, StringComparison.Ordinal);
        AssertBlobs(run);
    }

    [Fact]
    public void With3D_ContextsAreChosen_AndACubeIsDrawn()
    {
        GuestRun run = Run("blobs-3d", "blob=on,hostmem=256M");

        Assert.Contains("+virgl", run.Console, StringComparison.Ordinal);
        Assert.Contains("+context_init", run.Console, StringComparison.Ordinal);
        AssertBlobs(run);
        Assert.Contains("kmscube ended with 0", run.Console, StringComparison.Ordinal);
    }

    private GuestRun Run(string name, string gpu)
    {
        lab.Start();
        return new Guest(name, "blobs") { Options = $"--gpu {gpu}" }.RunUnderSplitVmm();
    }

    private static void AssertBlobs(GuestRun run)
    {
        Assert.Contains("+resource_blob", run.Console, StringComparison.Ordinal);
        Assert.Contains("+host_visible", run.Console, StringComparison.Ordinal);
        Assert.Contains("modetest ended with 0", run.Console, StringComparison.Ordinal);
        // Each bar of the SMPTE pattern fills a seventh of the upper part.
        Picture picture = run.Shot("modetest");
        foreach (int colour in (int[])[0xC0C0C0, 0xC0C000, 0x00C0C0, 0x00C000, 0xC000C0, 0xC00000, 0x0000C0])
        {
            Assert.InRange(picture.Share(pixel => pixel == colour), 0.05, 0.25);
        }

        Assert.Contains("blobs job ends", run.Console, StringComparison.Ordinal);
        Assert.Equal(0, run.ExitStatus);
    }
}
