using System.Globalization;
using SplitVmm.DisplayProcess.Tests.Clipboard;
using SplitVmm.DisplayProcess.Tests.Support;
using SplitVmm.Harness;

namespace SplitVmm.DisplayProcess.Tests.Windows;

/// <summary>A <see cref="DisplayProgram"/> with its windows on a virtual screen.</summary>
internal sealed class WindowProcess : IDisposable
{
    private readonly VirtualScreen _screen;
    private readonly DisplayProgram _display;

    /// <param name="environment">Variables beside those of the screen.</param>
    /// <param name="hasClipboard">The guest has an agent, and the clipboard is shared with it.</param>
    public WindowProcess(
        VirtualScreen screen,
        string size,
        string title = "Test machine",
        string renderer = "software",
        int heads = 1,
        uint scanout = 0,
        IReadOnlyDictionary<string, string>? environment = null,
        bool hasClipboard = false)
    {
        _screen = screen;
        _display = new DisplayProgram(
            screen.Environment.Concat(environment ?? new Dictionary<string, string>()).ToDictionary(),
            ["--title", title, "--size", size, "--renderer", renderer, "--heads", heads.ToString(CultureInfo.InvariantCulture)],
            scanout,
            hasClipboard);
        Window = WindowOf(title);
        SecondWindow = heads > 1 ? WindowOf($"{title} \\(2\\)") : null;
    }

    /// <summary>With a window drawn by OpenGL, unless another renderer is named; skips the calling test where OpenGL does not work.</summary>
    public static WindowProcess StartAccelerated(
        VirtualScreen screen,
        string size,
        string renderer = "accelerated",
        int heads = 1,
        IReadOnlyDictionary<string, string>? environment = null)
    {
        VirtualScreen.Require();
        try
        {
            return new WindowProcess(screen, size, renderer: renderer, heads: heads, environment: environment);
        }
        catch (TimeoutException e) when (e.Message.Contains("no accelerated renderer", StringComparison.Ordinal))
        {
            Xunit.Assert.Skip("OpenGL does not work on this X server (Debian package libgl1-mesa-dri)");
            throw;
        }
    }

    public ChildProgram Program => _display.Program;

    public PictureSource Source => _display.Source;

    public GuestInput Guest => _display.Guest;

    public GuestClipboard Clipboard => _display.Clipboard;

    /// <summary>The X window's number.</summary>
    public string Window { get; }

    /// <summary>That of the second head.</summary>
    public string? SecondWindow { get; }

    public string Title => _screen.Do("getwindowname", Window);

    /// <summary>Width and height of the window in pixels.</summary>
    public (int Width, int Height) Size
    {
        get
        {
            string[] lines = _screen.Do("getwindowgeometry", "--shell", Window).Split('\n');
            int Value(string name) => int.Parse(lines.First(line => line.StartsWith(name, StringComparison.Ordinal))[name.Length..], CultureInfo.InvariantCulture);
            return (Value("WIDTH="), Value("HEIGHT="));
        }
    }

    /// <summary>Waits for something on the screen or at the guest, serving the wire meanwhile.</summary>
    public bool WaitUntil(Func<bool> condition, int milliseconds = 15_000) => _display.WaitUntil(condition, milliseconds);

    /// <summary>Gives the window the keyboard, as a window manager would.</summary>
    public void Focus()
    {
        _screen.Do("windowfocus", "--sync", Window);
        // The focus event is behind the move in the window's queue.
        _screen.Do("mousemove", "--window", Window, "31", "33", "mousemove", "--window", Window, "11", "13");
        if (!Guest.WaitUntil(guest => guest.Position is not null))
        {
            throw new TimeoutException($"the pointer does not reach the guest\n{Program.StandardError}");
        }

        Settle();
        Guest.Clear();
    }

    /// <summary>Captures the window until the picture is as expected.</summary>
    /// <returns>The last difference; null if there is none.</returns>
    public string? WaitForPicture(string path, Func<int, int, uint> expected, int fromRow = 0)
    {
        string? difference = "nothing captured";
        _ = WaitUntil(() =>
        {
            _screen.Capture(path, Window);
            difference = Png.Read(path).FirstDifference(expected, fromRow);
            return difference is null;
        });
        return difference;
    }

    public void Dispose() => _display.Dispose();

    // Behind the title comes what the display has to say.
    private string WindowOf(string title) => _screen.Do("search", "--sync", "--onlyvisible", "--name", $"^{title}( -|$)");

    // The second of the two motions, and whatever else is under way.
    private void Settle()
    {
        int count;
        do
        {
            count = Guest.Reports.Length;
            Thread.Sleep(200);
        }
        while (Guest.Reports.Length != count);
    }
}
