using SplitVmm.DisplayProcess.Tests.Support;
using SplitVmm.Harness;
using SplitVmm.Wires.Display;
using Xunit;

namespace SplitVmm.DisplayProcess.Tests.Windows;

/// <summary>What a user sees in the window, captured from a real X server.</summary>
[Trait("Tier", Tiers.Peers)]
public sealed class WindowPictureTests(VirtualScreen screen) : IClassFixture<VirtualScreen>
{
    private const int Width = 640;
    private const int Height = 400;

    private readonly string _folder = Directory.CreateDirectory(SourceTree.Path("out", "tests", "window-pictures")).FullName;

    [Fact]
    public void Frame_OfEveryPixel_IsShownExactly()
    {
        using WindowProcess display = Start();
        display.Source.Configure(Width, Height, padding: 64);
        display.Source.Draw(0, Pattern);
        display.Source.Show();

        Assert.Null(display.WaitForPicture(Path.Combine(_folder, "exact.png"), Pattern));
        Assert.Equal("Test machine", display.Title);
    }

    [Fact]
    public void Frame_ByTheAcceleratedRenderer_IsShownExactly()
    {
        using WindowProcess display = WindowProcess.StartAccelerated(screen, $"{Width}x{Height}");
        display.Source.Configure(Width, Height);
        display.Source.Draw(0, Pattern);
        display.Source.Show();

        Assert.Null(display.WaitForPicture(Path.Combine(_folder, "accelerated.png"), Pattern));
    }

    [Fact]
    public void Damage_ChangesOnlyThatPart()
    {
        using WindowProcess display = Start();
        display.Source.Configure(Width, Height, DrmFourcc.DRM_FORMAT_XBGR8888, upright: false);
        display.Source.Draw(0, (_, _) => 0x0000FF);
        display.Source.Draw(1, (_, _) => 0x00FF00);
        display.Source.Show(0);
        Assert.Null(display.WaitForPicture(Path.Combine(_folder, "damage-before.png"), (_, _) => 0xFF0000));

        display.Source.Show(1, new DamageRectangle { X = 1, Y = 2, Width = 3, Height = 4 }, new DamageRectangle { X = 300, Y = 399, Width = 340, Height = 1 });

        static bool Changed(int x, int y) => (x is >= 1 and < 4 && y is >= 2 and < 6) || (x >= 300 && y == 399);
        Assert.Null(display.WaitForPicture(Path.Combine(_folder, "damage-after.png"), (x, y) => Changed(x, y) ? 0x00FF00u : 0xFF0000));
    }

    [Fact]
    public void BeforeTheFirstFrame_TheWindowSaysSo()
    {
        using WindowProcess display = Start();
        string path = Path.Combine(_folder, "waiting.png");
        Assert.True(display.WaitUntil(() =>
        {
            screen.Capture(path, display.Window);
            return Png.Read(path).FirstDifference((_, _) => 0) is not null;
        }));
        Assert.Null(Png.Read(path).FirstDifference((_, _) => 0, fromRow: 48));
        Assert.Equal("Test machine - waiting for the guest's first picture", display.Title);
    }

    [Fact]
    public void SourceGone_KeepsThePictureUnderABanner()
    {
        using WindowProcess display = Start();
        display.Source.Configure(Width, Height);
        display.Source.Draw(0, Pattern);
        display.Source.Show();
        Assert.Null(display.WaitForPicture(Path.Combine(_folder, "gone-before.png"), Pattern));

        display.Source.Dispose();

        Assert.True(display.Guest.WaitUntil(_ => display.Title == "Test machine - graphics stopped: this is the last picture"));
        string path = Path.Combine(_folder, "gone.png");
        screen.Capture(path, display.Window);
        Png png = Png.Read(path);
        Assert.NotNull(png.FirstDifference(Pattern));
        Assert.Null(png.FirstDifference(Pattern, fromRow: 48));
        Assert.False(display.Program.HasExited);
    }

    [Fact]
    public void Expose_AfterBeingCovered_Repaints()
    {
        using WindowProcess display = Start();
        display.Source.Configure(Width, Height);
        display.Source.Draw(0, Pattern);
        display.Source.Show();
        Assert.Null(display.WaitForPicture(Path.Combine(_folder, "expose-before.png"), Pattern));

        screen.Do("windowunmap", "--sync", display.Window, "windowmap", "--sync", display.Window);

        Assert.Null(display.WaitForPicture(Path.Combine(_folder, "expose-after.png"), Pattern));
    }

    [Fact]
    public void Resize_TellsTheGuestAndShowsItsAnswer()
    {
        using WindowProcess display = Start();
        display.Source.Configure(Width, Height);
        display.Source.Draw(0, (_, _) => 0x804020);
        display.Source.Show();

        screen.Do("windowsize", "--sync", display.Window, "900", "600");

        Assert.True(display.WaitUntil(() => display.Source.Outputs[^1] is { Width: 900, Height: 600, Enabled: 1 }));
        // Until the guest follows, its picture is as large as fits: 900x562 in the middle, black around.
        Assert.Null(display.WaitForPicture(
            Path.Combine(_folder, "letterbox.png"), (_, y) => y is >= 19 and < 581 ? 0x804020u : 0));
        display.Source.Configure(900, 600);
        display.Source.Draw(0, Pattern);
        display.Source.Show();
        Assert.Null(display.WaitForPicture(Path.Combine(_folder, "resized.png"), Pattern));
        Assert.Equal((900, 600), display.Size);
    }

    [Fact]
    public void Resize_ManySteps_TellsTheGuestOnce()
    {
        using WindowProcess display = Start();
        int before = display.Source.Outputs.Count;
        for (int i = 1; i <= 10; i++)
        {
            screen.Do("windowsize", display.Window, $"{640 + (10 * i)}", "480");
        }

        Assert.True(display.WaitUntil(() => display.Source.Outputs[^1] is { Width: 740, Height: 480 }));
        Assert.InRange(display.Source.Outputs.Count - before, 1, 4);
    }

    [Fact]
    public void GuestChoosesAnotherSize_TheWindowFollows()
    {
        using WindowProcess display = Start();
        display.Source.Configure(1024, 768);
        display.Source.Draw(0, Pattern);
        display.Source.Show();

        Assert.True(display.WaitUntil(() => display.Size == (1024, 768)));
        Assert.Null(display.WaitForPicture(Path.Combine(_folder, "followed.png"), Pattern));
        Assert.True(display.WaitUntil(() => display.Source.Outputs[^1] is { Width: 1024, Height: 768 }));
    }

    private static uint Pattern(int x, int y) => (uint)((x * 7 % 256 << 16) | (y * 5 % 256 << 8) | ((x ^ y) & 0xFF));

    private WindowProcess Start()
    {
        VirtualScreen.Require();
        return new WindowProcess(screen, $"{Width}x{Height}");
    }
}
