using System.Globalization;
using SplitVmm.DisplayProcess.Tests.Support;
using SplitVmm.Harness;
using SplitVmm.Platform.Sockets;

namespace SplitVmm.DisplayProcess.Tests.Windows;

/// <summary>The built display-process on a virtual screen, with a source and a guest at the other ends of its wires.</summary>
internal sealed class WindowProcess : IDisposable
{
    private readonly VirtualScreen _screen;

    /// <param name="environment">Variables beside those of the screen.</param>
    public WindowProcess(
        VirtualScreen screen,
        string size,
        string title = "Test machine",
        string renderer = "software",
        int heads = 1,
        uint scanout = 0,
        IReadOnlyDictionary<string, string>? environment = null)
    {
        _screen = screen;
        (UnixSocket sourceEnd, UnixSocket sinkEnd) = UnixSocket.CreateSeqPacketPair();
        (UnixSocket guestEnd, UnixSocket inputEnd) = UnixSocket.CreateSeqPacketPair();
        using (sinkEnd)
        using (inputEnd)
        {
            Libc.SetInheritable(sinkEnd.Number);
            Libc.SetInheritable(inputEnd.Number);
            Program = ChildProgram.Start(
                SourceTree.Executable("display-process"),
                [
                    "--display-fd", sinkEnd.Number.ToString(CultureInfo.InvariantCulture),
                    "--input-fd", inputEnd.Number.ToString(CultureInfo.InvariantCulture),
                    "--backend", "sdl", "--title", title, "--size", size,
                    "--renderer", renderer, "--heads", heads.ToString(CultureInfo.InvariantCulture),
                ],
                screen.Environment.Concat(environment ?? new Dictionary<string, string>()).ToDictionary());
        }

        Source = new PictureSource(sourceEnd) { Scanout = scanout };
        Guest = new GuestInput(guestEnd);
        try
        {
            Source.WaitUntilReady();
        }
        catch (TimeoutException e)
        {
            _ = Program.WaitForError("\n", TimeSpan.FromSeconds(1));
            throw new TimeoutException($"{e.Message}\n{Program.StandardError}", e);
        }

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

    public ChildProgram Program { get; }

    public PictureSource Source { get; }

    public GuestInput Guest { get; }

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
    public bool WaitUntil(Func<bool> condition, int milliseconds = 15_000)
    {
        long end = Environment.TickCount64 + milliseconds;
        while (!condition())
        {
            if (Environment.TickCount64 > end)
            {
                return false;
            }

            Source.Pump(30);
        }

        return true;
    }

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

    public void Dispose()
    {
        Program.Dispose();
        Source.Dispose();
        Guest.Dispose();
    }

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
