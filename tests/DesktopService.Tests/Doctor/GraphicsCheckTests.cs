using SplitVmm.DesktopService.Doctor;
using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.DesktopService.Tests.Doctor;

[Trait("Tier", Tiers.Unit)]
public sealed class GraphicsCheckTests
{
    private readonly Patient _patient = new();

    [Fact]
    public void RenderNode_OfAGpu_Works() => _patient.Shows("render-node.renderD128", "works", "driver amdgpu");

    [Fact]
    public void RenderNode_Denied_NamesTheGroupCommand()
    {
        _patient.Host.Devices["/dev/dri/renderD128"] = FileAccessState.Denied;
        _patient.Host.Files["/etc/group"] = "kvm:x:106:\nrender:x:108:\n";
        _patient.Shows("render-node.renderD128", "missing", "not in group render", "sudo usermod -aG render $USER");
    }

    [Fact]
    public void RenderNode_OfVgem_IsNoGpu()
    {
        _patient.Host.Links.Remove("/sys/class/drm/renderD128/device/driver");
        _patient.Host.Links["/sys/class/drm/renderD128/device"] = "../../../vgem";
        _patient.Shows("render-node.renderD128", "limited", "draws nothing");
    }

    [Fact]
    public void RenderNodes_None_SaysThatSoftwareDraws()
    {
        _patient.Host.Folders.Remove("/dev/dri");
        _patient.Shows("render-nodes", "limited", "none in /dev/dri", "kernel driver");
    }

    [Fact]
    public void Virglrenderer_Built_SaysVersionAndOptions() => _patient.Shows(
        "virglrenderer", "works", "1.1 (libvirglrenderer.so.1.9.0), built with Venus and without DRM native contexts");

    [Fact]
    public void Virglrenderer_NotInstalled_NamesPackageAndRuntime()
    {
        _patient.Probes.Library = FakeProbes.Says("virglrenderer=\n");
        _patient.Shows("virglrenderer", "missing", "not installed", "package libvirglrenderer1 of Debian 13");
        _patient.Shows("virglrenderer", "missing", "not installed", "--gpu-runtime DIR");
    }

    [Fact]
    public void Virglrenderer_OfDebian12_IsTooOld()
    {
        _patient.Probes.Library = FakeProbes.Says("virglrenderer=0.10\n");
        _patient.Host.Links["/usr/lib/x86_64-linux-gnu/libvirglrenderer.so.1"] = "libvirglrenderer.so.1.7.7";
        _patient.Shows("virglrenderer", "missing", "0.10 (libvirglrenderer.so.1.7.7) is too old", "virglrenderer 1.1 or newer");
    }

    [Fact]
    public void Virglrenderer_FileOfAnUnknownName_GivesTheRange()
    {
        _patient.Host.Links.Clear();
        _patient.Shows("virglrenderer", "limited", "1.0 or 1.1, built");
    }

    [Fact]
    public void Virglrenderer_NeverTested_SaysSo()
    {
        _patient.Probes.Library = FakeProbes.Says("virglrenderer=1.2\nvirglrenderer.venus=no\nvirglrenderer.drm=yes\n");
        _patient.Host.Links["/usr/lib/x86_64-linux-gnu/libvirglrenderer.so.1"] = "libvirglrenderer.so.1.10.2";
        _patient.Shows("virglrenderer", "limited", "built without Venus and with DRM native contexts; SplitVmm is not tested with this version");
    }

    [Fact]
    public void Virglrenderer_ProcessDied_IsUnknown()
    {
        _patient.Probes.Library = FakeProbes.Fails("gpu-process was killed by signal 6 (SIGABRT) while it looked at the host");
        _patient.Shows("virglrenderer", "unknown", "SIGABRT");
    }

    [Fact]
    public void OpenGl_OfAGpu_Works() => _patient.Shows("opengl", "works", "Mesa 25.0.7-2 on AMD Radeon");

    [Fact]
    public void OpenGl_OfLlvmpipe_IsLimited()
    {
        _patient.Probes.Virgl = FakeProbes.Says("gl.renderer=llvmpipe (LLVM 19.1.7, 256 bits)\ngl.version=4.5 (Core Profile) Mesa 25.0.7-2\n");
        _patient.Shows("opengl", "limited", "in software");
    }

    [Fact]
    public void OpenGl_WithoutEgl_NamesThePackage()
    {
        _patient.Probes.Virgl = FakeProbes.Says(
            "problem=3D needs libEGL.so.1, which is not installed: install libegl1 and libegl-mesa0, or start with --gpu virgl=off\n");
        _patient.Shows("opengl", "missing", "3D needs libEGL.so.1, which is not installed", "install libegl1");
    }

    [Fact]
    public void Mesa_OfTheContext_GivesItsVersion() => _patient.Shows("mesa", "works", "25.0.7-2");

    [Fact]
    public void Mesa_AnotherDriver_IsNotUsed()
    {
        _patient.Probes.Virgl = FakeProbes.Says("gl.renderer=NVIDIA H100\ngl.version=4.6.0 NVIDIA 580.95\n");
        _patient.Shows("mesa", "works", "not used");
    }

    [Fact]
    public void Mesa_NotInstalled_NamesThePackage()
    {
        _patient.Probes.Virgl = FakeProbes.Says("problem=no\n");
        _patient.Shows("mesa", "missing", "libEGL_mesa.so.0", "libegl-mesa0");
    }

    [Fact]
    public void VulkanDrivers_OfGuests_AreNotCounted()
    {
        _patient.Shows("vulkan-driver", "works", "lvp, radeon");
        _patient.Host.Folders["/usr/share/vulkan/icd.d"] = ["virtio_icd.json"];
        _patient.Shows("vulkan-driver", "missing", "none", "mesa-vulkan-drivers");
    }

    [Fact]
    public void VenusServer_NotInstalled_NamesThePackage()
    {
        _patient.Shows("venus-server", "works", "/usr/libexec/virgl_render_server");
        _patient.Host.Others.Clear();
        _patient.Shows("venus-server", "missing", "virgl_render_server", "virgl-server");
    }

    [Fact]
    public void Udmabuf_InEachState_IsTold()
    {
        _patient.Shows("udmabuf", "works", "up to 64 MiB");
        _patient.Host.Devices["/dev/udmabuf"] = FileAccessState.Denied;
        _patient.Shows("udmabuf", "missing", "may not open /dev/udmabuf (in group kvm)", "usermod -aG kvm");
        _patient.Host.Devices.Remove("/dev/udmabuf");
        _patient.Shows("udmabuf", "missing", "does not exist", "modprobe udmabuf");
    }

    [Fact]
    public void GpuRuntime_IsLookedAtInsteadOfTheHost()
    {
        var patient = new Patient { GpuRuntime = "/images/forky/root" };
        patient.Host.Links["/images/forky/root/usr/lib/x86_64-linux-gnu/libvirglrenderer.so.1"] = "libvirglrenderer.so.1.11.0";
        patient.Probes.Library = FakeProbes.Says("virglrenderer=1.3\nvirglrenderer.venus=yes\nvirglrenderer.drm=no\n");
        patient.Shows("virglrenderer", "works", "1.3 (libvirglrenderer.so.1.11.0)");
        patient.Shows("venus-server", "missing", "virgl_render_server is not installed", "virgl-server");
        Assert.Equal(["--gpu-runtime", "/images/forky/root"], patient.Examine().Options);
    }

    [Fact]
    public void Venus_ByTheVariablesOfTheLibraries_IsFoundWhereTheySay()
    {
        _patient.Host.Variables["RENDER_SERVER_EXEC_PATH"] = "/opt/server";
        _patient.Host.Variables["VK_DRIVER_FILES"] = "/opt/mine_icd.json:/opt/icd.d";
        _patient.Shows("venus-server", "missing", "not installed", "virgl-server");
        _patient.Host.Others.UnionWith(["/opt/server", "/opt/mine_icd.json"]);
        _patient.Host.Folders["/opt/icd.d"] = ["other_icd.json"];
        _patient.Shows("venus-server", "works", "/opt/server");
        _patient.Shows("vulkan-driver", "works", "mine, other");
    }
}
