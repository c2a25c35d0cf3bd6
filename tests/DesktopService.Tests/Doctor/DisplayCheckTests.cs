using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.DesktopService.Tests.Doctor;

[Trait("Tier", Tiers.Unit)]
public sealed class DisplayCheckTests
{
    private readonly Patient _patient = new();

    [Fact]
    public void Desktop_ServerThatAnswers_Works() => _patient.Shows("desktop", "works", "X11 at /tmp/.X11-unix/X0");

    [Fact]
    public void Desktop_Wayland_Works()
    {
        _patient.Host.Variables["WAYLAND_DISPLAY"] = "wayland-0";
        _patient.Host.Variables["XDG_RUNTIME_DIR"] = "/run/user/1000";
        _patient.Host.Listening.Clear();
        _patient.Host.Listening.Add("/run/user/1000/wayland-0");
        _patient.Shows("desktop", "works", "Wayland at /run/user/1000/wayland-0");
    }

    [Fact]
    public void Desktop_NobodyAnswers_IsMissing()
    {
        _patient.Host.Listening.Clear();
        _patient.Shows("desktop", "missing", "nobody answers on /tmp/.X11-unix/X0", "--display headless");
    }

    [Fact]
    public void Desktop_None_IsMissing()
    {
        _patient.Host.Variables.Clear();
        _patient.Shows("desktop", "missing", "neither DISPLAY nor WAYLAND_DISPLAY is set", "--display headless");
    }

    [Fact]
    public void Desktop_BehindANetwork_IsLimited()
    {
        _patient.Host.Variables["DISPLAY"] = "localhost:10.0";
        _patient.Shows("desktop", "limited", "behind the network", "local display");
    }

    [Fact]
    public void Window_SdlWithAScreen_Works() => _patient.Shows("window", "works", "SDL 2.32.4, video driver x11");

    [Fact]
    public void Window_WithoutSdl_NamesThePackage_AndPngFilesAreLeft()
    {
        _patient.Probes.Display = FakeProbes.Says(
            "problem=libSDL2-2.0.so.0 is missing: install the package libsdl2-2.0-0, or use the headless backend (splitvmm run --display headless)\n");
        _patient.Shows("window", "missing", "libSDL2-2.0.so.0 is missing", "install the package libsdl2-2.0-0");
        _patient.Shows("headless", "works", "--display headless");
        Assert.True(_patient.Examine().CanRun);
        Assert.Equal(["--display", "headless"], _patient.Examine().Options);
    }

    [Fact]
    public void Display_ProcessThatDoesNotStart_LeavesNoPicture()
    {
        _patient.Probes.Display = FakeProbes.Fails("display-process is not in /opt; install the four programs side by side or set SPLITVMM_LIBEXEC to their folder");
        _patient.Shows("headless", "missing", "display-process is not in /opt", "install the four programs");
        Assert.False(_patient.Examine().CanRun);
    }
}
