using System.Globalization;
using SplitVmm.DisplayProcess.Tests.Support;
using SplitVmm.Harness;
using SplitVmm.Wires.Display;
using Xunit;

namespace SplitVmm.DisplayProcess.Tests.Windows;

/// <summary>
/// A Wayland desktop whose points are not a whole number of pixels. Debian 12's sway has no such scales; the lab's has, where
/// <c>SplitVmm.Lab.Tests</c> runs this class.
/// </summary>
[Trait("Tier", Tiers.Peers)]
public sealed class FractionalDesktopTests : IDisposable
{
    // Whole numbers of points at all scales that are used here: grim would smooth others.
    private const int OutputWidth = 1365;
    private const int OutputHeight = 945;

    private SwayDesktop? _desktop;

    [Theory]
    [InlineData(1.5, 1280, 800)]
    [InlineData(1.5, 640, 400)] // These would be 426 2/3 x 266 2/3 points: the window has a pixel more.
    [InlineData(1.25, 1024, 768)]
    public void Window_HasThePixelsThatWereAskedFor_AndShowsThePicturesUnscaled(double scale, int width, int height)
    {
        using DisplayProgram display = Start(scale, width, height);
        AwaitMonitor(display, width, height, scale);
        AssertShown(display, width, height);
    }

    [Fact]
    public void Window_ThatIsResized_AndRescaled_IsFollowedInPixels()
    {
        using DisplayProgram display = Start(1.5, 640, 400);
        AssertShown(display, 640, 400);

        _desktop!.Do("[app_id=\".*\"] resize set 501 301, move absolute position 0 0");
        AwaitMonitor(display, 752, 452, 1.5);
        AssertShown(display, 752, 452);

        _desktop.Do("[app_id=\".*\"] fullscreen enable");
        AwaitMonitor(display, OutputWidth, OutputHeight, 1.5);
        AssertShown(display, OutputWidth, OutputHeight);
        _desktop.Do("[app_id=\".*\"] fullscreen disable");
        AwaitMonitor(display, 752, 452, 1.5);

        // Later than the desktop tells where the window is: as large in points as it was.
        Thread.Sleep(3500);
        _desktop.Do($"output {SwayDesktop.Output} scale 1.75");
        AwaitMonitor(display, 877, 527, 1.75);
        AssertShown(display, 877, 527);

        _desktop.Do($"output {SwayDesktop.Output} scale 1");
        AwaitMonitor(display, 501, 301, 1);
        AssertShown(display, 501, 301);
    }

    [Fact]
    public void Window_OnTheLessDenseOfTwoScreens_HasThePixelsThatWereAskedFor()
    {
        // SDL takes the denser screen's scale until the desktop has told the window where it is.
        _desktop = new SwayDesktop(OutputWidth, OutputHeight, 1.5);
        _desktop.Do($"create_output; output HEADLESS-2 position 3000 0 scale 2; focus output {SwayDesktop.Output}");
        using DisplayProgram display = Show(640, 400);
        Assert.Equal(240u, display.Source.Outputs[0].Scale120);
        AwaitMonitor(display, 640, 400, 1.5);
        AssertShown(display, 640, 400);
    }

    [Fact]
    public void GuestChoosesAnotherSize_TheWindowHoldsIt()
    {
        using DisplayProgram display = Start(1.5, 640, 400);
        AssertShown(display, 640, 400);

        AssertShown(display, 1024, 769);
        AwaitMonitor(display, 1024, 769, 1.5);
    }

    [Fact]
    public void Pointer_OverAnyPixel_IsThereInTheGuest_AndItsCursorHasThePicturesSize()
    {
        const int Width = 1280;
        const int Height = 800;
        using DisplayProgram display = Start(1.5, Width, Height);
        AssertShown(display, Width, Height);
        using var pointer = new VirtualPointer(_desktop!.Socket, OutputWidth, OutputHeight);
        foreach ((int x, int y) in new[] { (600, 450), (0, 0), (1, 2), (34, 602), (35, 603), (36, 604), (Width - 1, Height - 1) })
        {
            pointer.MoveTo(x, y);
            Assert.True(
                display.Guest.WaitUntil(guest => guest.Position is { } at && (at.X * Width / 32768, at.Y * Height / 32768) == (x, y)),
                $"{x},{y} arrived as {display.Guest.Position?.X * Width / 32768.0},{display.Guest.Position?.Y * Height / 32768.0}");
        }

        const int Side = 48;
        display.Source.Draw(0, (_, _) => 0);
        display.Source.Show();
        display.Source.Cursor(Side, Side, 8, 16, [.. Enumerable.Repeat(0xFFFF0000u, Side * Side)]);
        pointer.MoveTo(300, 300);
        (int X, int Y, int Width, int Height) red = default;
        Assert.True(
            display.WaitUntil(() =>
            {
                red = Red(_desktop.Capture());
                return Near(red.X, 300 - 8) && Near(red.Y, 300 - 16) && Near(red.Width, Side) && Near(red.Height, Side);
            }),
            $"the cursor is {red}");
    }

    public void Dispose() => _desktop?.Dispose();

    private static uint Pattern(int x, int y) => (uint)((x * 7 % 256 << 16) | (y * 5 % 256 << 8) | ((x ^ y) & 0xFF));

    // A pointer has a whole number of points too, and lies between pixels.
    private static bool Near(int actual, int expected) => Math.Abs(actual - expected) <= 2;

    private static (int X, int Y, int Width, int Height) Red(Png png)
    {
        (int left, int top, int right, int bottom) = (int.MaxValue, int.MaxValue, -1, -1);
        for (int y = 0; y < png.Height; y++)
        {
            for (int x = 0; x < png.Width; x++)
            {
                // Its edges are smoothed.
                if (png[x, y] >> 16 >= 0x80 && (png[x, y] & 0xFFFF) == 0)
                {
                    (left, top, right, bottom) = (Math.Min(left, x), Math.Min(top, y), Math.Max(right, x), Math.Max(bottom, y));
                }
            }
        }

        return (left, top, right - left + 1, bottom - top + 1);
    }

    private static void AwaitMonitor(DisplayProgram display, int width, int height, double scale) => Assert.True(
        display.WaitUntil(() => display.Source.Outputs[^1] is { } last && (last.Width, last.Height, last.Scale120) == (width, height, scale * 120)),
        string.Join(", ", display.Source.Outputs.Select(output => $"{output.Width}x{output.Height} at {output.Scale120}/120")));

    private DisplayProgram Start(double scale, int width, int height)
    {
        _desktop = new SwayDesktop(OutputWidth, OutputHeight, scale);
        return Show(width, height);
    }

    private DisplayProgram Show(int width, int height) => new(
        _desktop!.Environment,
        ["--size", string.Create(CultureInfo.InvariantCulture, $"{width}x{height}"), "--renderer", "accelerated"]);

    // The window lies in the output's corner.
    private void AssertShown(DisplayProgram display, int width, int height)
    {
        display.Source.Configure(width, height);
        display.Source.Draw(0, Pattern);
        display.Source.Show();
        string? difference = null;
        Assert.True(
            display.WaitUntil(() =>
            {
                Png png = _desktop!.Capture();
                difference = png.FirstDifference((x, y) => x < width && y < height ? Pattern(x, y) : png[x, y]);
                return difference is null;
            }),
            difference);
    }
}
