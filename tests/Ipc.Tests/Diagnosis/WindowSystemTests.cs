using SplitVmm.Diagnosis;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.Ipc.Tests.Diagnosis;

[Trait("Tier", Tiers.Unit)]
public sealed class WindowSystemTests
{
    [Theory]
    [InlineData("wayland-0", null, true)]
    [InlineData("wayland-0", "", true)]
    [InlineData("wayland-0", ":0", false)]
    [InlineData("", null, false)]
    [InlineData(null, ":0", false)]
    [InlineData(null, null, false)]
    public void IsWaylandOnly_ByTheEnvironment(string? wayland, string? x11, bool expected) =>
        Assert.Equal(expected, WindowSystem.IsWaylandOnly(name => name switch
        {
            "WAYLAND_DISPLAY" => wayland,
            "DISPLAY" => x11,
            _ => null,
        }));

    [Theory]
    [InlineData("llvmpipe (LLVM 19.1.7, 256 bits)", true)]
    [InlineData("softpipe", true)]
    [InlineData("Software Rasterizer via swrast", true)]
    [InlineData("AMD Radeon RX 6600 (radeonsi, navi23)", false)]
    [InlineData("Mesa Intel(R) UHD Graphics 620", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void SoftwareGl_ByTheRenderersName(string? renderer, bool expected) => Assert.Equal(expected, SoftwareGl.Draws(renderer));
}
