using SplitVmm.DesktopService.Doctor;
using SplitVmm.Diagnosis;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.DesktopService.Tests.Doctor;

/// <summary>Each row of the table of context types, against hosts that have and lack what it asks for.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class ContextCheckTests
{
    private const string DrmBuilt = "virglrenderer=1.3\nvirglrenderer.venus=yes\nvirglrenderer.drm=yes\n";

    private readonly Patient _patient = new();

    [Fact]
    public void EachContextType_HasAFinding() => Assert.Equal(
        GuestContexts.All.Select(type => "context." + type.Id),
        _patient.Examine().Sections.Single(section => section.Id == "contexts").Findings.Select(finding => finding.Id));

    [Fact]
    public void WhatThisVersionLacks_IsNeverSaidToWork()
    {
        _patient.Probes.Library = FakeProbes.Says(DrmBuilt);
        _patient.Host.Links["/usr/lib/x86_64-linux-gnu/libvirglrenderer.so.1"] = "libvirglrenderer.so.1.11.0";
        foreach (GuestContext type in GuestContexts.All)
        {
            Finding finding = _patient.Find("context." + type.Id);
            Assert.Equal(!type.InThisVersion, finding.State == FindingState.NotYet);
        }
    }

    [Fact]
    public void Virgl_OnAGpu_Works() => _patient.Shows("context.virgl", "works", "drawn by AMD Radeon");

    [Fact]
    public void Virgl_WithoutLibrary_IsMissing_And2dIsLeft()
    {
        _patient.Probes.Library = FakeProbes.Says("virglrenderer=\n");
        _patient.Probes.Virgl = FakeProbes.Says(
            "problem=3D needs libvirglrenderer.so.1, which is not installed: install virglrenderer 1.1 or newer (package libvirglrenderer1 of Debian 13) or start with --gpu virgl=off\n");
        _patient.Shows("context.virgl", "missing", "libvirglrenderer.so.1, which is not installed", "install virglrenderer 1.1");
        _patient.Shows("context.2d", "works", "virgl=off");
        Assert.Equal(["--gpu", "virgl=off"], _patient.Examine().Options);
    }

    [Fact]
    public void Flat_ProcessThatDoesNotStart_IsMissing()
    {
        _patient.Probes.Library = FakeProbes.Fails("gpu-process ended with status 1 while it looked at the host: gone");
        _patient.Probes.Virgl = _patient.Probes.Library;
        _patient.Shows("context.2d", "missing", "ended with status 1", "gone");
        Assert.False(_patient.Examine().CanRun);
    }

    [Fact]
    public void Venus_HostHasAll_Works() => _patient.Shows("context.venus", "works", "--gpu blob=on,hostmem=4G,venus=on");

    [Theory]
    [InlineData("server", "virgl_render_server is not installed", "virgl-server")]
    [InlineData("driver", "Vulkan drivers", "mesa-vulkan-drivers")]
    [InlineData("library", "built with Venus", "-Dvenus=true")]
    [InlineData("kernel", "Linux 6.13 or newer (this is 6.12.0)", "boot Linux 6.13")]
    [InlineData("old", "virglrenderer 1.0 or newer", "virglrenderer 1.1 or newer")]
    public void Venus_HostLacksSomething_NamesItAndTheRemedy(string lacking, string text, string remedy)
    {
        switch (lacking)
        {
            case "server":
                _patient.Host.Others.Clear();
                break;
            case "driver":
                _patient.Host.Folders.Remove("/usr/share/vulkan/icd.d");
                break;
            case "library":
                _patient.Probes.Library = FakeProbes.Says("virglrenderer=1.0\nvirglrenderer.venus=no\nvirglrenderer.drm=no\n");
                break;
            case "kernel":
                _patient.Host.Files["/proc/sys/kernel/osrelease"] = "6.12.0";
                break;
            default:
                _patient.Probes.Library = FakeProbes.Says("virglrenderer=0.10\n");
                _patient.Host.Links.Clear();
                break;
        }

        _patient.Shows("context.venus", "missing", text, remedy);
    }

    [Fact]
    public void Venus_InSoftware_NeedsUdmabufAndNoNewKernel()
    {
        _patient.Host.Folders.Remove("/dev/dri");
        _patient.Host.Files["/proc/sys/kernel/osrelease"] = "6.1.0";
        _patient.Shows("context.venus", "works", "venus=on");
        _patient.Host.Devices.Remove("/dev/udmabuf");
        _patient.Shows("context.venus", "missing", "/dev/udmabuf does not exist", "modprobe udmabuf");
    }

    [Theory]
    [InlineData("amdgpu", "drm-amdgpu")]
    [InlineData("i915", "drm-i915")]
    [InlineData("msm", "drm-msm")]
    [InlineData("asahi", "drm-asahi")]
    public void Native_OfOurOwnWithDevice_WorksWithoutTheLibrary(string driver, string id)
    {
        _patient.Host.Links["/sys/class/drm/renderD128/device/driver"] = "../drivers/" + driver;
        _patient.Probes.Library = FakeProbes.Says("virglrenderer=\n");
        _patient.Shows("context." + id, "works", "--gpu blob=on,hostmem=4G,drm_native_context=on");
    }

    [Fact]
    public void Native_OfAnotherGpu_NamesItsDriver() => _patient.Shows("context.drm-i915", "missing", "a render node of i915");

    [Theory]
    [InlineData("msm", "drm-msm")]
    [InlineData("asahi", "drm-asahi")]
    public void Native_OfAnotherArchitecture_HasNoRemedy(string driver, string id) =>
        _patient.Shows("context." + id, "missing", $"a render node of {driver}, which is found in arm64 machines only, and this is x86-64");

    [Fact]
    public void Native_RenderNodeDenied_NamesTheGroup()
    {
        _patient.Host.Devices["/dev/dri/renderD128"] = FileAccessState.Denied;
        _patient.Shows("context.drm-amdgpu", "missing", "permission to open /dev/dri/renderD128", "usermod -aG render");
    }

    [Fact]
    public void Native_KernelTooOld_IsNamed()
    {
        _patient.Host.Files["/proc/sys/kernel/osrelease"] = "6.12.41+deb13-amd64";
        _patient.Shows("context.drm-amdgpu", "missing", "Linux 6.13 or newer (this is 6.12.41+deb13-amd64)", "boot Linux 6.13");
    }
}
