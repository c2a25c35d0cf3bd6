using System.Globalization;
using SplitVmm.DisplayProcess.Tests.Support;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.DisplayProcess.Tests.Windows;

/// <summary>
/// The source sends one frame and never another, while the desktop does to the windows all that it can: the picture has to
/// be there whenever it stops.
/// </summary>
[Trait("Tier", Tiers.Peers)]
public sealed class WindowEventStormTests(VirtualScreen screen) : IClassFixture<VirtualScreen>
{
    private const int Width = 640;
    private const int Height = 400;
    private const int Events = 1000;
    private const int EventsPerBatch = 50;

    [Theory]
    [InlineData("software", 5)]
    [InlineData("accelerated", 6)]
    public void RandomWindowEvents_NeverDropTheScanout(string renderer, int seed)
    {
        VirtualScreen.Require();
        screen.StartWindowManager();
        using WindowProcess display = WindowProcess.StartAccelerated(screen, $"{Width}x{Height}", renderer, heads: 2);
        display.Source.Configure(Width, Height);
        display.Source.Draw(0, Pattern);
        display.Source.Show();
        var random = new Random(seed);
        string folder = SourceTree.OutputFolder($"window-storm-{renderer}");

        int refused = 0;
        for (int done = 0; done < Events;)
        {
            string[] batch = [.. Enumerable.Range(0, EventsPerBatch).SelectMany(_ => Next(random, display))];
            // A window that its manager is about to take back or to give a frame refuses this or that. Such a batch does not
            // count, but the picture has to be there all the same.
            bool counts = screen.Try(batch).ExitStatus == 0;
            done += counts ? EventsPerBatch : 0;
            refused += counts ? 0 : 1;
            Assert.InRange(refused, 0, Events / EventsPerBatch);
            Assert.False(display.Program.HasExited, $"seed {seed}, event {done}: {display.Program.StandardError}\n{string.Join(' ', batch)}");
            display.Source.Pump(50);
            string path = Path.Combine(folder, "picture.png");
            string? difference = null;
            int tries = 0;
            _ = display.WaitUntil(() =>
            {
                // The window manager may still be at one of the events.
                Restore(display, isPictureWrong: ++tries % 4 == 0);
                difference = screen.TryCapture(path, display.Window) ?? Png.Read(path).FirstDifference(Pattern);
                return difference is null;
            });
            Assert.True(difference is null, $"seed {seed}, event {done}: {difference}\n{string.Join(' ', batch)}");
        }

        Assert.False(display.Program.HasExited);
        Assert.Single(display.Source.Done);
    }

    private static uint Pattern(int x, int y) => (uint)((x * 7 % 256 << 16) | (y * 5 % 256 << 8) | ((x ^ y) & 0xFF));

    private static string[] Next(Random random, WindowProcess display)
    {
        // Twice of three at the window with the picture; the second one goes over it, among other things.
        string window = random.Next(3) < 2 ? display.Window : display.SecondWindow!;
        string Number(int low, int high) => random.Next(low, high).ToString(CultureInfo.InvariantCulture);
        return random.Next(8) switch
        {
            0 or 1 => ["windowsize", window, Number(64, 1300), Number(64, 900)],
            2 => ["windowmove", window, Number(0, 700), Number(0, 500)],
            3 => ["windowunmap", window, "windowmap", window],
            4 => ["windowminimize", window],
            5 => ["windowmap", window],
            6 => ["windowraise", window],
            // Full screen and back, of the window that has the keyboard.
            _ => ["windowactivate", window, "key", "ctrl+alt+f"],
        };
    }

    // Towards where the picture covers the window pixel by pixel, with nothing above it. SDL 2.26 may miss that the window manager
    // took full screen away from a window that was minimised too: its user would press the key for it once more, as here.
    private void Restore(WindowProcess display, bool isPictureWrong)
    {
        _ = screen.Try("windowminimize", display.SecondWindow!, "windowmap", display.Window, "windowactivate", display.Window);
        (int, int) size = display.Size;
        if (size == (VirtualScreen.Width, VirtualScreen.Height) || (size == (Width, Height) && isPictureWrong))
        {
            _ = screen.Try("key", "ctrl+alt+f");
        }
        else if (size != (Width, Height))
        {
            _ = screen.Try("windowsize", display.Window, $"{Width}", $"{Height}");
        }

        display.Source.Pump(200);
    }
}
