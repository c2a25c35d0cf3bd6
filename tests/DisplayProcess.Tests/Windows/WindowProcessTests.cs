using System.Globalization;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.DisplayProcess.Tests.Windows;

/// <summary>The process as such: what it says where it cannot work, and that it rests where it has nothing to do.</summary>
[Trait("Tier", Tiers.Peers)]
public sealed class WindowProcessTests(VirtualScreen screen) : IClassFixture<VirtualScreen>
{
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

    [Fact]
    public void Idle_Window_UsesNoCpu()
    {
        VirtualScreen.Require();
        using var display = new WindowProcess(screen, "640x400");
        display.Source.Configure(640, 400);
        display.Source.Draw(0, (_, _) => 0x404040);
        display.Source.Show();
        display.Source.Pump(500);

        long before = CpuTicks(display.Program.Pid);
        display.Source.Pump(3000);
        long used = CpuTicks(display.Program.Pid) - before;

        // Clock ticks of 10 ms: a loop that spins would use 300, one that polls each millisecond some tens.
        Assert.InRange(used, 0, 5);
    }

    [Fact]
    public void Terminate_EndsInGoodOrder()
    {
        VirtualScreen.Require();
        using var display = new WindowProcess(screen, "640x400");

        _ = ChildProgram.Run("kill", ["-TERM", display.Program.Pid.ToString(CultureInfo.InvariantCulture)], TimeSpan.FromSeconds(5));

        Assert.Equal(0, display.Program.WaitForExit(TimeSpan.FromSeconds(10)).ExitStatus);
    }

    private static long CpuTicks(int pid)
    {
        string[] fields = File.ReadAllText($"/proc/{pid}/stat").Split(") ")[1].Split(' ');
        // utime and stime are fields 14 and 15 of proc(5); the split starts with field 3.
        return long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture);
    }
}
