using SplitVmm.DisplayProcess.Tests.Support;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.DisplayProcess.Tests.Windows;

/// <summary>
/// A Wayland desktop that draws each point with 2x2 pixels: weston in a window of the virtual screen, where pixels can be
/// captured and the pointer be moved. Its kiosk shell gives a window all the room that there is.
/// </summary>
[Trait("Tier", Tiers.Peers)]
public sealed class ScaledDesktopTests(VirtualScreen screen) : IClassFixture<VirtualScreen>, IDisposable
{
    private const int Scale = 2;
    private const int Width = 1200;
    private const int Height = 900;

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);

    private readonly string _folder = Directory.CreateTempSubdirectory("splitvmm-weston-").FullName;
    private ChildProgram? _desktop;

    // Not insisted on, it is OpenGL all the same: nothing else draws a window of SDL on Wayland.
    [Theory]
    [InlineData("auto")]
    [InlineData("accelerated")]
    public void Window_OnADenseScreen_CountsInPixels(string renderer)
    {
        using DisplayProgram display = Start("kiosk-shell.so", renderer);
        Assert.True(
            display.WaitUntil(() => display.Source.Outputs[^1] is { Width: Width, Height: Height, Scale120: Scale * 120 }),
            string.Join(", ", display.Source.Outputs.Select(output => $"{output.Width}x{output.Height} at {output.Scale120}/120")));
        display.Source.Configure(Width, Height);
        display.Source.Draw(0, Pattern);
        display.Source.Show();

        string window = screen.Do("search", "--sync", "--class", "weston");
        string path = Path.Combine(SourceTree.OutputFolder("scaled-desktop"), "picture.png");
        // weston draws the pointer into its window.
        display.Source.HideCursor();
        screen.Do("mousemove", "--window", window, "10", "10");
        string? difference = null;
        Assert.True(
            display.WaitUntil(() =>
            {
                screen.Capture(path, window);
                difference = Png.Read(path).FirstDifference(Pattern);
                return difference is null;
            }),
            difference);
        foreach ((int x, int y) in new[] { (0, 0), (1198, 898), (600, 450), (34, 602), (35, 603), (1199, 899) })
        {
            screen.Do("mousemove", "--window", window, $"{x}", $"{y}");
            Assert.True(
                display.Guest.WaitUntil(guest => guest.Position is { } at && (at.X * Width / 32768, at.Y * Height / 32768) == (x, y)),
                $"{x},{y} arrived as {display.Guest.Position}");
        }
    }

    [Fact]
    public void Window_ThatFloats_HasThePixelsThatWereAskedFor()
    {
        using DisplayProgram display = Start("desktop-shell.so", "accelerated");

        Assert.True(
            display.WaitUntil(() => display.Source.Outputs[^1] is { Width: 640, Height: 400, Scale120: Scale * 120 }),
            string.Join(", ", display.Source.Outputs.Select(output => $"{output.Width}x{output.Height} at {output.Scale120}/120")));
    }

    public void Dispose()
    {
        _desktop?.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static uint Pattern(int x, int y) => (uint)((x * 7 % 256 << 16) | (y * 5 % 256 << 8) | ((x ^ y) & 0xFF));

    private DisplayProgram Start(string shell, string renderer)
    {
        const string Socket = "wayland-test";
        VirtualScreen.Require();
        _desktop = ChildProgram.Start(
            Needs.Program("weston", "weston"),
            [
                "--backend=x11-backend.so", "--use-pixman", $"--scale={Scale}", $"--width={Width / Scale}", $"--height={Height / Scale}",
                $"--shell={shell}", "--no-config", $"--socket={Socket}",
            ],
            screen.Environment.Append(new("XDG_RUNTIME_DIR", _folder)).ToDictionary());
        Assert.True(SpinWait.SpinUntil(() => File.Exists(Path.Combine(_folder, Socket)), s_limit), _desktop.StandardError);
        var environment = new Dictionary<string, string> { ["XDG_RUNTIME_DIR"] = _folder, ["WAYLAND_DISPLAY"] = Socket, ["DISPLAY"] = "" };
        try
        {
            return new DisplayProgram(environment, ["--size", "640x400", "--renderer", renderer]);
        }
        catch (TimeoutException e) when (e.Message.Contains("libegl-mesa0", StringComparison.Ordinal))
        {
            Assert.Skip("OpenGL does not work on Wayland here (Debian package libegl-mesa0)");
            throw;
        }
    }
}
