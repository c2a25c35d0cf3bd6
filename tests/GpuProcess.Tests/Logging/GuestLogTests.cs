using SplitVmm.GpuProcess.Logging;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.GpuProcess.Tests.Logging;

[Trait("Tier", Tiers.Unit)]
public sealed class GuestLogTests
{
    [Fact]
    public void Write_ManyLines_MostAreLeftOutAndCounted()
    {
        var lines = new List<string>();
        var log = new GuestLog(lines.Add);
        for (int i = 0; i < 10_000; i++)
        {
            log.Write("rubbish");
        }

        Assert.InRange(lines.Count, 10, 100);
        Thread.Sleep(1100);
        log.Write("after");
        Assert.Equal("after", lines[^1]);
        // Before that, or in the middle where a second began there.
        Assert.Contains(lines, line => line.Contains("left out", StringComparison.Ordinal));
    }

    [Fact]
    public void Write_ControlCharacters_AreReplaced()
    {
        var lines = new List<string>();
        var log = new GuestLog(lines.Add);
        log.Write("a\u001b[2Jb\nc");
        log.Write($"{"d\ne"} {2.5}");

        Assert.Equal(["a?[2Jb?c", "d?e 2.5"], lines);
    }

    [Fact]
    public void Write_PartsOfALineThatIsLeftOut_AreNotLookedAt()
    {
        int looked = 0;
        var lines = new List<string>();
        new GuestLog(lines.Add, linesPerSecond: 0).Write($"{++looked}");
        Assert.Equal(0, looked);
        Assert.Empty(lines);

        new GuestLog(lines.Add).Write($"{++looked}");
        Assert.Equal(["1"], lines);
    }
}
