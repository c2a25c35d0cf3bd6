using System.Globalization;
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

        for (int done = 0; done < Events; done += EventsPerBatch)
        {
            string[] batch = [.. Enumerable.Range(0, EventsPerBatch).SelectMany(_ => Next(random, display))];
            screen.Do(batch);
            display.Source.Pump(50);
            Settle(display);
            string? difference = display.WaitForPicture(Path.Combine(folder, "picture.png"), Pattern);
            Assert.True(difference is null, $"seed {seed}, before event {done + EventsPerBatch}: {difference}\n{string.Join(' ', batch)}");
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

    // Back to where the picture covers the window pixel by pixel, with nothing above it.
    private void Settle(WindowProcess display)
    {
        screen.Do("windowminimize", display.SecondWindow!, "windowmap", display.Window, "windowactivate", display.Window);
        Assert.True(
            display.WaitUntil(() =>
            {
                if (display.Size == (Width, Height))
                {
                    return true;
                }

                // Nothing else makes it as large as the screen, and a window manager resizes no such window.
                screen.Do(display.Size == (VirtualScreen.Width, VirtualScreen.Height)
                    ? ["windowactivate", "--sync", display.Window, "key", "ctrl+alt+f"]
                    : ["windowsize", display.Window, $"{Width}", $"{Height}"]);
                display.Source.Pump(200);
                return false;
            }),
            $"the window stays {display.Size}");
    }
}
