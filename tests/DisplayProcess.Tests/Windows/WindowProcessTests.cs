using System.Globalization;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.DisplayProcess.Tests.Windows;

/// <summary>The process as such: what it says where it cannot work, and that it rests where it has nothing to do.</summary>
[Trait("Tier", Tiers.Peers)]
public sealed class WindowProcessTests(VirtualScreen screen) : IClassFixture<VirtualScreen>
{
    private const int IdleMilliseconds = 5000;

    [Fact]
    public void NoDisplay_IsOneLineWithTheRemedy()
    {
        VirtualScreen.Require();

        RunResult result = ChildProgram.Run(
            SourceTree.Executable("display-process"),
            ["--display-fd", "3"],
            TimeSpan.FromSeconds(20),
            new Dictionary<string, string> { ["DISPLAY"] = ":7654", ["WAYLAND_DISPLAY"] = "", ["SDL_VIDEODRIVER"] = "x11" });

        Assert.Equal(3, result.ExitStatus);
        string line = Assert.Single(result.StandardError.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith("no display to open a window on (DISPLAY is :7654, WAYLAND_DISPLAY is not set; SDL says: ", line, StringComparison.Ordinal);
        Assert.EndsWith("start from a desktop session, or use the headless backend (splitvmm run --display headless)", line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("software")]
    [InlineData("accelerated")]
    public void Idle_Window_UsesNoCpuAndHardlyWakes(string renderer)
    {
        using WindowProcess display = WindowProcess.StartAccelerated(screen, "640x400", renderer);
        display.Source.Configure(640, 400);
        display.Source.Draw(0, (_, _) => 0x404040);
        display.Source.Show();
        display.Source.Pump(1000);

        Dictionary<string, (long Nanoseconds, long Wakes)> before = RunTimes(display.Program.Pid);
        display.Source.Pump(IdleMilliseconds);
        (long Nanoseconds, long Wakes)[] used =
        [
            .. RunTimes(display.Program.Pid).Select(thread =>
                (thread.Value.Nanoseconds - before.GetValueOrDefault(thread.Key).Nanoseconds, thread.Value.Wakes - before.GetValueOrDefault(thread.Key).Wakes)),
        ];

        // 1% of one CPU. A loop that polls each 10 ms would wake 500 times.
        Assert.InRange(used.Sum(thread => thread.Nanoseconds), 0, IdleMilliseconds * 1_000_000L / 100);
        Assert.InRange(used.Sum(thread => thread.Wakes), 0, 50);
    }

    [Fact]
    public void Terminate_EndsInGoodOrder()
    {
        VirtualScreen.Require();
        using var display = new WindowProcess(screen, "640x400");

        _ = ChildProgram.Run("kill", ["-TERM", display.Program.Pid.ToString(CultureInfo.InvariantCulture)], TimeSpan.FromSeconds(5));

        Assert.Equal(0, display.Program.WaitForExit(TimeSpan.FromSeconds(10)).ExitStatus);
    }

    // By thread: time on a CPU (the first field of schedstat), and how often it was given up to wait.
    private static Dictionary<string, (long Nanoseconds, long Wakes)> RunTimes(int pid) =>
        Directory.EnumerateDirectories($"/proc/{pid}/task").ToDictionary(thread => thread, thread =>
        {
            string line = File.ReadLines(Path.Combine(thread, "status")).First(line => line.StartsWith("voluntary_ctxt_switches:", StringComparison.Ordinal));
            return (
                long.Parse(File.ReadAllText(Path.Combine(thread, "schedstat")).Split(' ')[0], CultureInfo.InvariantCulture),
                long.Parse(line.Split('\t')[1], CultureInfo.InvariantCulture));
        });
}
