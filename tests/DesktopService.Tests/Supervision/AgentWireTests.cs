using SplitVmm.DesktopService.CommandLine;
using SplitVmm.DesktopService.Supervision;
using SplitVmm.Harness;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Wires.Plug;
using Xunit;

namespace SplitVmm.DesktopService.Tests.Supervision;

/// <summary>Who gets an end of the agent wire, and when.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class AgentWireTests : IDisposable
{
    private readonly MemFd _journal = MemFd.Create("journal", 4096, Seals.None);

    public void Dispose() => _journal.Dispose();

    [Theory]
    [InlineData("sdl", false)]
    [InlineData("sdl,clipboard=off", false)]
    [InlineData("sdl,clipboard=on", true)]
    [InlineData("headless", false)]
    [InlineData("none", false)]
    public void Machine_HasTheWire_OnlyWithAClipboard(string display, bool hasWire)
    {
        using WireSet wires = WireSet.Create(Options(display), _journal);

        Assert.Equal(hasWire, wires.ArgumentsOf(ProcessRole.Core).Contains("--agent-fd"));
        Assert.Equal(hasWire, wires.Roles.Contains(ProcessRole.Display) && wires.ArgumentsOf(ProcessRole.Display).Contains("--agent-fd"));
        Assert.DoesNotContain("--agent-fd", display == "none" ? [] : wires.ArgumentsOf(ProcessRole.Gpu));
    }

    [Fact]
    public void NewDisplay_BringsVmmCoreANewEnd()
    {
        using WireSet wires = WireSet.CreateFor(ProcessRole.Display, Options("sdl,clipboard=on"), _journal);

        Assert.Contains("--agent-fd", wires.ArgumentsOf(ProcessRole.Display));
        Assert.Contains(wires.Plugs, plug => plug.To == ProcessRole.Core && plug.Order.Role == PlugRole.Agent);
    }

    [Fact]
    public void NewGpu_LeavesTheWireAlone()
    {
        using WireSet wires = WireSet.CreateFor(ProcessRole.Gpu, Options("sdl,clipboard=on"), _journal);

        Assert.DoesNotContain(wires.Plugs, plug => plug.Order.Role == PlugRole.Agent);
    }

    private static RunOptions Options(string display)
    {
        Assert.True(DisplayChoice.TryParse(display, out DisplayChoice choice, out _));
        return new RunOptions { Kernel = "vmlinux", Grace = TimeSpan.Zero, Gpu = "", Display = choice };
    }
}
