using System.Globalization;
using SplitVmm.Harness;

namespace SplitVmm.DisplayProcess.Tests.Windows;

/// <summary>An X server of its own, without a window manager, and the tools that act as its user.</summary>
public sealed class VirtualScreen : IDisposable
{
    public const int Width = 1400;
    public const int Height = 1000;

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);

    private readonly ChildProgram? _server;
    private ChildProgram? _manager;

    public VirtualScreen()
    {
        // A test class is made before its tests can be skipped: what is missing is said by them, in Require.
        if (Missing is not null)
        {
            return;
        }

        _server = ChildProgram.Start(
            "Xvfb", ["-displayfd", "1", "-screen", "0", $"{Width}x{Height}x24", "-nolisten", "tcp", "-noreset"]);
        if (!_server.WaitForOutput("\n", s_limit))
        {
            throw new InvalidOperationException($"Xvfb did not start: {_server.StandardError}");
        }

        int number = int.Parse(_server.StandardOutput.Trim(), CultureInfo.InvariantCulture);
        Environment = new Dictionary<string, string>
        {
            ["DISPLAY"] = string.Create(CultureInfo.InvariantCulture, $":{number}"),
            ["WAYLAND_DISPLAY"] = "",
        };
    }

    /// <summary>Variables for programs that belong on this screen.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; } = new Dictionary<string, string>();

    /// <summary>Skips the calling test where a program is missing.</summary>
    public static void Require()
    {
        _ = Needs.Program("Xvfb", "xvfb");
        _ = Needs.Program("xdotool", "xdotool");
        _ = Needs.Program("import", "imagemagick");
        if (Missing is { } library)
        {
            Xunit.Assert.Skip($"{library} is not installed (Debian package libsdl2-2.0-0)");
        }
    }

    /// <summary>Runs xdotool and returns what it prints.</summary>
    public string Do(params string[] arguments)
    {
        RunResult result = Try(arguments);
        return result.ExitStatus == 0
            ? result.StandardOutput.Trim()
            : throw new InvalidOperationException($"xdotool {string.Join(' ', arguments)}: {result.StandardError}");
    }

    /// <summary>The same where it may fail: at the first X error of its chain it ends.</summary>
    public RunResult Try(params string[] arguments) => ChildProgram.Run("xdotool", arguments, s_limit, Environment);

    /// <summary>Writes what a window, or the whole screen, shows as PNG.</summary>
    public void Capture(string path, string window = "root")
    {
        if (TryCapture(path, window) is { } problem)
        {
            throw new InvalidOperationException(problem);
        }
    }

    /// <summary>The same, for a window that may not be there at the moment.</summary>
    /// <returns>Null, or why nothing was written.</returns>
    public string? TryCapture(string path, string window)
    {
        RunResult result = ChildProgram.Run("import", ["-silent", "-window", window, "-depth", "8", path], s_limit, Environment);
        return result.ExitStatus == 0 ? null : $"import: {result.StandardError}";
    }

    /// <summary>Starts openbox, and skips the calling test where it is not installed.</summary>
    public void StartWindowManager()
    {
        if (_manager is null)
        {
            _manager = ChildProgram.Start(Needs.Program("openbox", "openbox"), ["--sm-disable"], Environment);
            // Until it manages, xdotool says so by its exit status.
            while (ChildProgram.Run("xdotool", ["get_num_desktops"], s_limit, Environment).ExitStatus != 0)
            {
                if (_manager.HasExited)
                {
                    throw new InvalidOperationException($"openbox ended: {_manager.StandardError}");
                }

                Thread.Sleep(50);
            }
        }
    }

    public void Dispose()
    {
        _manager?.Dispose();
        _server?.Dispose();
    }

    private static string? Missing { get; } = FindMissing();

    private static string? FindMissing()
    {
        string[] folders = (System.Environment.GetEnvironmentVariable("PATH") ?? "").Split(':');
        string[] programs = ["Xvfb", "xdotool", "import"];
        if (programs.FirstOrDefault(name => !folders.Any(folder => File.Exists(Path.Combine(folder, name)))) is { } program)
        {
            return program;
        }

        const string Sdl = "libSDL2-2.0.so.0";
        return System.Runtime.InteropServices.NativeLibrary.TryLoad(Sdl, out _) ? null : Sdl;
    }
}
