using SplitVmm.DesktopService.Sandboxing;
using SplitVmm.DesktopService.Supervision;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.Sandbox.Tests;

/// <summary>What bubblewrap is told, and what is made visible for a display.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class OuterCageTests
{
    [Theory]
    [InlineData(":0", null, "/tmp/.X11-unix/X0 /home/u/.Xauthority")]
    [InlineData("unix:12.1", null, "/tmp/.X11-unix/X12 /home/u/.Xauthority")]
    [InlineData(":1", "wayland-0", "/tmp/.X11-unix/X1 /home/u/.Xauthority /run/user/1/wayland-0")]
    [InlineData("host:0", null, "")]
    [InlineData(":../../etc", null, "")]
    [InlineData(null, "wayland-0", "/run/user/1/wayland-0")]
    public void DisplaySockets_OfTheEnvironment_AreFound(string? display, string? wayland, string paths) => Assert.Equal(
        paths,
        string.Join(' ', DisplaySockets.Find(Variables(display, wayland)).Select(grant => grant.Path)));

    [Theory]
    [InlineData("host:0", null, true)]
    [InlineData("localhost:10.0", null, true)]
    [InlineData("host:0", "wayland-0", false)]
    [InlineData(":0", null, false)]
    [InlineData(null, null, false)]
    public void NeedsNetwork_OnlyForAnXServerBehindOne(string? display, string? wayland, bool needs) =>
        Assert.Equal(needs, DisplaySockets.NeedsNetwork(Variables(display, wayland)));

    [Fact]
    public void Build_HostRoot_IsMinimalAndReadOnly()
    {
        var outer = new BubblewrapArguments
        {
            Policy = ShippedPolicies.Of(ProcessRole.Core),
            Program = "/opt/vmm-core",
            Files = [new FileGrant("/k/vmlinux", FileUse.Read)],
            WorkingFolder = "/work",
            Variable = name => name is "LANG" or "SECRET" ? "x" : null,
        };
        string words = string.Join(' ', outer.Build(7));
        foreach (string part in (string[])[
            "--unshare-user", "--unshare-pid", "--unshare-net", "--unshare-ipc", "--cap-drop ALL", "--clearenv", "--die-with-parent",
            "--new-session", "--info-fd 7", "--setenv LANG x", "--ro-bind-try /k/vmlinux /k/vmlinux", "--dev-bind-try /dev/kvm /dev/kvm",
            "--remount-ro / --chdir /work -- /run/splitvmm/vmm-core"])
        {
            Assert.Contains(part, words, StringComparison.Ordinal);
        }

        Assert.DoesNotContain("SECRET", words, StringComparison.Ordinal);
        Assert.DoesNotContain("/home", words, StringComparison.Ordinal);
    }

    [Fact]
    public void Build_Runtime_ShowsNothingOfTheHost()
    {
        var outer = new BubblewrapArguments { Policy = ShippedPolicies.Of(ProcessRole.Gpu), Program = "/opt/gpu-process", Runtime = "/runtime" };
        string words = string.Join(' ', outer.Build(7));
        Assert.Contains("--ro-bind /runtime / ", words, StringComparison.Ordinal);
        Assert.DoesNotContain("--ro-bind-try /usr", words, StringComparison.Ordinal);
    }

    [Fact]
    public void Build_XServerBehindANetwork_KeepsTheNetwork() => Assert.DoesNotContain(
        "--unshare-net",
        new BubblewrapArguments { Policy = ShippedPolicies.Of(ProcessRole.Display), Program = "/opt/display-process", KeepsNetwork = true }.Build(7));

    private static Func<string, string?> Variables(string? display, string? wayland) => name => name switch
    {
        "DISPLAY" => display,
        "WAYLAND_DISPLAY" => wayland,
        "XDG_RUNTIME_DIR" => "/run/user/1",
        "HOME" => "/home/u",
        _ => null,
    };
}
