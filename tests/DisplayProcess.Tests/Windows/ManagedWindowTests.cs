using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.DisplayProcess.Tests.Windows;

/// <summary>What only a window manager does: full screen, and closing.</summary>
[Trait("Tier", Tiers.Peers)]
public sealed class ManagedWindowTests(VirtualScreen screen) : IClassFixture<VirtualScreen>
{
    private const int Width = 640;
    private const int Height = 400;

    [Fact]
    public void FullScreenHotkey_ThereAndBack_TellsTheGuest()
    {
        using WindowProcess display = Start();

        screen.Do("key", "ctrl+alt+f");
        Assert.True(display.WaitUntil(() => display.Size == (VirtualScreen.Width, VirtualScreen.Height)));
        Assert.True(display.WaitUntil(() => display.Source.Outputs[^1] is { Width: VirtualScreen.Width, Height: VirtualScreen.Height }));
        screen.Do("key", "ctrl+alt+f");
        Assert.True(display.WaitUntil(() => display.Size == (Width, Height)));
        Assert.True(display.WaitUntil(() => display.Source.Outputs[^1] is { Width: Width, Height: Height }));

        // KEY_F stays here.
        Assert.DoesNotContain(33, display.Guest.Keys.Select(key => (int)key.Code));
    }

    [Fact]
    public void Close_WithoutASupervisor_EndsWithStatus0()
    {
        using WindowProcess display = Start();

        screen.Do("key", "alt+F4");

        RunResult end = display.Program.WaitForExit(TimeSpan.FromSeconds(10));
        Assert.True(end is { ExitStatus: 0, StandardError: "" }, $"{end}");
    }

    private WindowProcess Start()
    {
        VirtualScreen.Require();
        screen.StartWindowManager();
        var display = new WindowProcess(screen, $"{Width}x{Height}");
        display.Source.Configure(Width, Height);
        display.Source.Draw(0, (_, _) => 0x112233);
        display.Source.Show();
        display.Focus();
        return display;
    }
}
