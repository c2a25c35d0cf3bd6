using SplitVmm.DisplayProcess.Tests.Support;
using SplitVmm.Harness;
using SplitVmm.Wires.Display;
using Xunit;

namespace SplitVmm.DisplayProcess.Tests.Processes;

/// <summary>From a source's memfd to a PNG on disk, through the real wire and the whole application.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class HeadlessTests : IDisposable
{
    private const int Width = 160;
    private const int Height = 120;

    private readonly string _folder = Directory.CreateTempSubdirectory("headless").FullName;

    private string Latest => Path.Combine(_folder, "latest.png");

    [Fact]
    public void Start_AnnouncesTheOutput()
    {
        using RunningDisplay display = Start(options => options with { Sizes = [new PixelSize(1024, 768)] });
        display.Source.WaitUntilReady();

        OutputInfo output = Assert.Single(display.Source.Outputs);
        Assert.Equal((0u, 1u, 1024u, 768u), (output.Scanout, output.Enabled, output.Width, output.Height));
        Assert.Equal((270u, 203u, 60_000u, 120u), (output.WidthMillimetres, output.HeightMillimetres, output.RefreshMillihertz, output.Scale120));
        Assert.Equal(0, display.End());
    }

    [Fact]
    public void Show_OnTheSecondHead_HasItsOwnSizeAndFile()
    {
        using var display = new RunningDisplay(
            options => options with { FramesFolder = _folder, Heads = 2, Sizes = [new(1024, 768), new(Width, Height)] }, scanout: 1);
        display.Source.WaitUntilReady();
        display.Source.WaitUntil(() => display.Source.Outputs.Count == 2, "the second output");
        Assert.Equal([(0u, 1024u), (1u, (uint)Width)], display.Source.Outputs.Select(output => (output.Scanout, output.Width)));
        display.Source.Configure(Width, Height);
        display.Source.Draw(0, (_, _) => 0x112233);

        display.Source.Show();

        Assert.Null(Png.WaitFor(Path.Combine(_folder, "latest-1.png")).FirstDifference((_, _) => 0x112233u));
        Assert.False(File.Exists(Latest));
        Assert.Equal(0, display.End());
    }

    [Theory]
    [InlineData(DrmFourcc.DRM_FORMAT_XRGB8888, 0xFF336699u, true, 0)]
    [InlineData(DrmFourcc.DRM_FORMAT_ARGB8888, 0x00336699u, true, 64)]
    [InlineData(DrmFourcc.DRM_FORMAT_XBGR8888, 0x00996633u, true, 4)]
    [InlineData(DrmFourcc.DRM_FORMAT_ABGR8888, 0x12996633u, false, 0)]
    [InlineData(DrmFourcc.DRM_FORMAT_BGRX8888, 0x99663300u, true, 0)]
    [InlineData(DrmFourcc.DRM_FORMAT_BGRA8888, 0x99663377u, false, 128)]
    [InlineData(DrmFourcc.DRM_FORMAT_RGBX8888, 0x33669900u, true, 0)]
    [InlineData(DrmFourcc.DRM_FORMAT_RGBA8888, 0x336699FFu, true, 0)]
    public void Show_EveryFormat_WritesTheRightPicture(DrmFourcc format, uint word, bool upright, int padding)
    {
        using RunningDisplay display = Start();
        display.Source.WaitUntilReady();
        display.Source.Configure(Width, Height, format, padding, upright);
        // The first row in memory is black, so that a picture upside down is noticed.
        display.Source.Draw(0, (_, y) => y == 0 ? 0 : word);

        display.Source.Show();

        Png png = Png.WaitFor(Latest);
        Assert.Equal((Width, Height), (png.Width, png.Height));
        int blackRow = upright ? 0 : Height - 1;
        Assert.Null(png.FirstDifference((_, y) => y == blackRow ? 0 : 0x336699u));
    }

    [Fact]
    public void Show_Damage_ChangesOnlyThatPart()
    {
        using RunningDisplay display = Start();
        display.Source.WaitUntilReady();
        display.Source.Configure(Width, Height);
        display.Source.Draw(0, (_, _) => 0x0000FF);
        display.Source.Draw(1, (_, _) => 0xFF0000);

        // The first frame of a configuration is taken whole, whatever damage it claims.
        display.Source.Show(0, new DamageRectangle { Width = 1, Height = 1 });
        display.Source.Show(1, new DamageRectangle { X = 10, Y = 20, Width = 30, Height = 40 });
        _ = display.End();

        Assert.Null(Png.Read(Latest).FirstDifference((x, y) => x is >= 10 and < 40 && y is >= 20 and < 60 ? 0xFF0000u : 0x0000FF));
    }

    [Fact]
    public void Cursor_IsPartOfThePictureUntilHidden()
    {
        using RunningDisplay display = Start();
        display.Source.WaitUntilReady();
        display.Source.Configure(Width, Height);
        display.Source.Draw(0, (_, _) => 0x204060);
        display.Source.Cursor(4, 4, 1, 2, [.. Enumerable.Repeat(0x8040_0000u, 16)]);
        display.Source.MoveCursor(50, 60);
        display.Source.Show();

        // Half of 0x204060, plus the cursor's premultiplied red.
        Png png = Png.WaitFor(Latest, picture => picture[50, 60] != 0x204060);
        Assert.Null(png.FirstDifference((x, y) => x is >= 49 and < 53 && y is >= 58 and < 62 ? 0x502030u : 0x204060));

        display.Source.HideCursor();
        png = Png.WaitFor(Latest, picture => picture[50, 60] == 0x204060);
        Assert.Null(png.FirstDifference((_, _) => 0x204060));
    }

    [Fact]
    public void Interval_LeavesNumberedFramesOfWhatChanged()
    {
        using RunningDisplay display = Start(options => options with { FrameInterval = TimeSpan.FromMilliseconds(50) });
        display.Source.WaitUntilReady();
        display.Source.Configure(Width, Height, buffers: 1);
        for (uint i = 1; i <= 3; i++)
        {
            uint word = i * 0x010203;
            display.Source.Draw(0, (_, _) => word);
            display.Source.Show();
            Png png = Png.WaitFor(Path.Combine(_folder, $"frame-{i:D6}.png"));
            Assert.Null(png.FirstDifference((_, _) => word));
        }

        // Nothing changes: nothing is written.
        display.Source.Pump(300);
        _ = display.End();
        Assert.Equal(
            ["frame-000001.png", "frame-000002.png", "frame-000003.png", "latest.png"],
            Directory.EnumerateFileSystemEntries(_folder).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void End_WritesThePictureThatWasNotWrittenYet()
    {
        using RunningDisplay display = Start();
        display.Source.WaitUntilReady();
        display.Source.Configure(Width, Height, buffers: 1);
        for (uint i = 1; i <= 20; i++)
        {
            uint word = i;
            display.Source.Draw(0, (_, _) => word);
            display.Source.Show();
        }

        Assert.Equal(0, display.End());

        Assert.Null(Png.Read(Latest).FirstDifference((_, _) => 20));
    }

    [Fact]
    public void ModeSwitch_ShowsTheNewSizeAndNoBanner()
    {
        using RunningDisplay display = Start();
        display.Source.WaitUntilReady();
        display.Source.Configure(Width, Height);
        display.Source.Draw(0, (_, _) => 0x111111);
        display.Source.Show();
        display.Source.Disable();
        display.Source.Configure(320, 200);
        display.Source.Draw(0, (_, _) => 0x222222);
        display.Source.Show();

        Png png = Png.WaitFor(Latest, picture => picture.Width == 320, () => display.Source.Pump(20));

        Assert.Null(png.FirstDifference((_, _) => 0x222222));
    }

    [Fact]
    public void SourceGone_EndsWithTheLastPicture()
    {
        using RunningDisplay display = Start();
        display.Source.WaitUntilReady();
        display.Source.Configure(Width, Height);
        display.Source.Draw(0, (_, _) => 0x123456);
        display.Source.Show();

        display.Source.Dispose();

        Assert.Equal(0, display.WaitForEnd());
        Assert.Null(Png.Read(Latest).FirstDifference((_, _) => 0x123456));
    }

    [Fact]
    public void SourceReplaced_AtOnce_GoesOnWithoutABanner()
    {
        using RunningDisplay display = Start(canBeReplugged: true);
        display.Source.WaitUntilReady();
        display.Source.Configure(Width, Height);
        display.Source.Draw(0, (_, _) => 0x123456);
        display.Source.Show();

        display.ReplaceSource();
        display.Source.WaitUntilReady();
        // The outputs are told again; the numbers of the new source start from the beginning.
        Assert.Equal((1280u, 800u), (display.Source.Outputs[0].Width, display.Source.Outputs[0].Height));
        display.Source.Configure(Width, Height);
        display.Source.Draw(0, (_, _) => 0x654321);
        display.Source.Show();

        Png png = Png.WaitFor(Latest, picture => picture[5, Height - 5] == 0x654321);
        Assert.Null(png.FirstDifference((_, _) => 0x654321));
        Assert.Equal(0, display.End());
    }

    [Fact]
    public void SourceReplaced_AfterAWhile_KeepsThePictureUnderABannerUntilThen()
    {
        using RunningDisplay display = Start(canBeReplugged: true);
        display.Source.WaitUntilReady();
        display.Source.Configure(Width, Height);
        display.Source.Draw(0, (_, _) => 0x123456);
        display.Source.Show();
        Assert.Equal(0x123456u, Png.WaitFor(Latest)[5, 5]);

        display.ReplaceSource(meanwhile: () =>
        {
            Png banner = Png.WaitFor(Latest, picture => picture[5, 5] != 0x123456);
            Assert.Equal(0x123456u, banner[5, Height - 5]);
        });
        display.Source.WaitUntilReady();

        // The new source has sent no picture yet: the last one stands there clean again.
        Png png = Png.WaitFor(Latest, picture => picture[5, 5] == 0x123456);
        Assert.Null(png.FirstDifference((_, _) => 0x123456));
    }

    [Fact]
    public void FolderThatCannotBeMade_IsOneClearLine()
    {
        File.WriteAllText(Path.Combine(_folder, "file"), "");
        using RunningDisplay display = Start(options => options with { FramesFolder = Path.Combine(_folder, "file", "x") });

        Assert.Equal(1, display.WaitForEnd());
        Assert.StartsWith($"--frames {_folder}/file/x: ", Assert.Single(display.Log), StringComparison.Ordinal);
    }

    [Fact]
    public void DescriptorThatIsNotOpen_IsOneClearLine()
    {
        var lines = new List<string>();
        using var application = new DisplayApplication(
            new DisplayOptions { DisplayFd = 999_999, Backend = BackendKind.Headless }, lines.Add);

        Assert.Equal(1, application.Run());
        Assert.Contains("inherited descriptor 999999", Assert.Single(lines), StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private RunningDisplay Start(Func<DisplayOptions, DisplayOptions>? adjust = null, bool canBeReplugged = false) =>
        new(options => (adjust ?? (same => same))(options with { FramesFolder = _folder }), canBeReplugged: canBeReplugged);
}
