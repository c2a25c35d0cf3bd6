using System.Globalization;
using SplitVmm.Harness;

namespace SplitVmm.DisplayProcess.Tests.Windows;

/// <summary>
/// A Wayland desktop without a screen whose output may have a fractional scale: sway on wlroots' headless backend. Windows float in
/// the upper left corner, without a frame. It draws by the CPU and takes no dma-bufs.
/// </summary>
internal sealed class SwayDesktop : IDisposable
{
    /// <summary>The output's name.</summary>
    public const string Output = "HEADLESS-1";

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);

    private readonly string _folder = Directory.CreateTempSubdirectory("splitvmm-sway-").FullName;
    private readonly ChildProgram _program;

    /// <param name="width">Pixels of the output.</param>
    /// <param name="height">Pixels of the output.</param>
    /// <param name="scale">Of the output.</param>
    public SwayDesktop(int width, int height, double scale)
    {
        string sway = Needs.Program("sway", "sway");
        _ = Needs.Program("grim", "grim");
        RunResult version = ChildProgram.Run(sway, ["--version"], s_limit);
        if (version.StandardOutput.Contains("version 1.7", StringComparison.Ordinal))
        {
            Xunit.Assert.Skip("sway 1.7 has no fractional scales for windows: 1.8 is the first that has (Debian 13)");
        }

        Width = width;
        Height = height;
        File.WriteAllText(Path.Combine(_folder, "config"), string.Create(CultureInfo.InvariantCulture, $"""
            xwayland disable
            output * resolution {width}x{height} position 0 0 scale {scale}
            for_window [app_id=".*"] floating enable, border none, move absolute position 0 0
            """));
        Environment = new Dictionary<string, string>
        {
            ["XDG_RUNTIME_DIR"] = _folder,
            ["SWAYSOCK"] = Path.Combine(_folder, "ipc"),
            ["WAYLAND_DISPLAY"] = "wayland-1",
            ["DISPLAY"] = "",
        };
        _program = ChildProgram.Start(
            sway,
            ["--config", Path.Combine(_folder, "config")],
            new Dictionary<string, string>(Environment)
            {
                ["WAYLAND_DISPLAY"] = "",
                ["WLR_BACKENDS"] = "headless",
                ["WLR_RENDERER"] = "pixman",
            });
        if (!SpinWait.SpinUntil(() => File.Exists(Socket) && File.Exists(Environment["SWAYSOCK"]), s_limit))
        {
            Dispose();
            throw new InvalidOperationException($"sway did not start: {_program.StandardError}");
        }
    }

    /// <summary>Of the output, in pixels.</summary>
    public int Width { get; }

    /// <summary>Of the output, in pixels.</summary>
    public int Height { get; }

    /// <summary>Variables for programs that belong on this desktop.</summary>
    public Dictionary<string, string> Environment { get; }

    /// <summary>What Wayland's clients connect to.</summary>
    public string Socket => Path.Combine(_folder, "wayland-1");

    /// <summary>Has sway do something.</summary>
    public void Do(string command)
    {
        RunResult result = ChildProgram.Run("swaymsg", [command], s_limit, Environment);
        if (result.ExitStatus != 0)
        {
            throw new InvalidOperationException($"swaymsg {command}: {result.StandardOutput}{result.StandardError}");
        }
    }

    /// <summary>What the output shows, pixel by pixel, with the pointer if there is one.</summary>
    public Support.Png Capture()
    {
        string path = Path.Combine(_folder, "picture.png");
        RunResult result = ChildProgram.Run("grim", ["-l", "0", "-o", Output, path], s_limit, Environment);
        return result.ExitStatus == 0 ? Support.Png.Read(path) : throw new InvalidOperationException($"grim: {result.StandardError}");
    }

    public void Dispose()
    {
        _program.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
