using SplitVmm.Control.Protocol;
using SplitVmm.DesktopService.Views;
using SplitVmm.Harness;
using SplitVmm.Platform.Text;
using Xunit;

namespace SplitVmm.DesktopService.Tests.Views;

[Trait("Tier", Tiers.Unit)]
public sealed class StatusTests
{
    private readonly StatusModel _model;
    private TimeSpan _now = TimeSpan.FromSeconds(1);

    public StatusTests() => _model = new StatusModel(() => _now);

    [Fact]
    public void FramesPerSecond_FromTheCounter()
    {
        _model.Take(new GpuStatistics { Frames = 0 });
        _now += TimeSpan.FromSeconds(0.5);
        _model.Take(new GpuStatistics { Frames = 30 });
        Assert.Equal(60, _model.Snapshot().FramesPerSecond, 1);
        Assert.Equal(30ul, _model.Snapshot().Frames);
        _now += TimeSpan.FromSeconds(5);
        Assert.Equal(0, _model.Snapshot().FramesPerSecond);
    }

    [Fact]
    public void Display_Counts_WhereThereIsOne()
    {
        _model.CountAtDisplay();
        _model.Take(new GpuStatistics { Frames = 100, AcceleratedFrames = 90 });
        Assert.False(_model.Take(new FirstFlush()));
        Assert.True(_model.Take(new FirstFrame { Width = 1, Height = 2 }));
        Assert.False(_model.Take(new FirstFrame { Width = 1, Height = 2 }));
        _model.Take(new DisplayStatistics { Frames = 7, Width = 3, Height = 4 });
        MachineStatus status = _model.Snapshot();
        Assert.Equal((7ul, 90ul, 3u, 4u), (status.Frames, status.AcceleratedFrames, status.Width, status.Height));
    }

    [Fact]
    public void Line_FitsTheTerminal_AndBelievesNoMarkup()
    {
        _model.Take(new RendererInfo { Renderer = "[red]evil[/] \e[2J" + new string('x', 500) });
        _model.Take(new GpuStatistics { Frames = 5 });
        string line = StatusText.Render(_model.Snapshot(), 60);
        Assert.DoesNotContain('\n', line);
        string visible = System.Text.RegularExpressions.Regex.Replace(line, "\e\\[[0-9;]*m", "");
        Assert.True(visible.Length <= 60, visible);
        Assert.DoesNotContain('\e', visible);
    }

    [Theory]
    [InlineData("plain", true)]
    [InlineData("\e", false)]
    [InlineData("\e[1;3", false)]
    [InlineData("\e[1;31m", true)]
    [InlineData("\e]0;title", false)]
    [InlineData("\e]0;title\a", true)]
    [InlineData("\e]0;title\e\\", true)]
    [InlineData("\e(B", true)]
    [InlineData("\e(", false)]
    [InlineData("\eM", true)]
    [InlineData("ü", true)]
    [InlineData("\e[12\u0018", true)]
    public void SequenceTracker_KnowsWhenToWait(string text, bool between)
    {
        var tracker = new SequenceTracker();
        tracker.Take(System.Text.Encoding.UTF8.GetBytes(text));
        Assert.Equal(between, tracker.IsBetweenSequences);
    }

    [Fact]
    public void SequenceTracker_HalfACharacter_Waits()
    {
        var tracker = new SequenceTracker();
        tracker.Take([0xe2, 0x82]);
        Assert.False(tracker.IsBetweenSequences);
        tracker.Take([0xac]);
        Assert.True(tracker.IsBetweenSequences);
    }

    [Theory]
    [InlineData("--memry", "did you mean --memory?")]
    [InlineData("--cpu", "did you mean --cpus?")]
    [InlineData("--something", "known are --memory, --cpus")]
    public void Nearest_Suggests(string word, string expected) =>
        Assert.Equal(expected, Nearest.Suggest(word, ["--memory", "--cpus"]));
}
