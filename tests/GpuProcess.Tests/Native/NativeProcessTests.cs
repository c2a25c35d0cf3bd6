using System.Runtime.InteropServices;
using SplitVmm.GpuProcess.Native.Asahi;
using SplitVmm.GpuProcess.Protocol;
using SplitVmm.GpuProcess.Tests.Rig;
using SplitVmm.Harness;
using SplitVmm.Platform.Errors;
using SplitVmm.Platform.Sockets;
using Xunit;

namespace SplitVmm.GpuProcess.Tests.Native;

/// <summary>gpu-process as a process, on a GPU of software, with native contexts and nothing else.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class NativeProcessTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    /// <summary>Parts of the names of what draws: EGL, OpenGL, Vulkan, Mesa and its compiler, virglrenderer.</summary>
    private static readonly string[] s_graphics = ["libEGL", "libGL", "libOpenGL", "libvulkan", "libgallium", "libLLVM", "libgbm", "libdrm", "libvirgl", "libepoxy", "/dri/"];

    [Fact]
    public void Process_OfDrmContextsAlone_LoadsNoGraphicsLibrary()
    {
        string folder = SourceTree.OutputFolder("native-process");
        string socket = Path.Combine(folder, "gpu");
        using ChildProgram child = Start(socket, "context-types=drm,blob=on,hostmem=256M");
        Assert.True(child.WaitForError("renderer: DRM native contexts on a device of software (asahi 1.0.0)", s_patience), child.StandardError);
        using var guest = new GpuGuest(Connect(socket));
        guest.Start(NativeDeviceTests.Features);
        NativeDeviceTests.CreateContext(guest, 1);
        guest.Do(new VirtioGpuCmdSubmit { Hdr = { Type = VirtioGpuCtrlType.VIRTIO_GPU_CMD_SUBMIT_3D, CtxId = 1 }, Size = 16 }, Nop());

        string maps = File.ReadAllText($"/proc/{child.Pid}/maps");
        Assert.Contains("gpu-software", maps, StringComparison.Ordinal);
        foreach (string name in s_graphics)
        {
            Assert.DoesNotContain(name, maps, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Process_OnAHostWithoutANode_SaysWhatIsMissing()
    {
        string folder = SourceTree.OutputFolder("native-nothing");
        RunResult run = RunGpuProcess(folder, "context-types=drm,blob=on,hostmem=256M,drm_node=/dev/dri/renderD191");
        Assert.Equal(3, run.ExitStatus);
        Assert.Contains("--gpu drm_native_context=on cannot use drm_node=/dev/dri/renderD191: does not exist", run.StandardError, StringComparison.Ordinal);

        run = RunGpuProcess(folder, "context-types=drm,blob=on,hostmem=256M,drm_node=ffff:ff:1f.7");
        Assert.Equal(3, run.ExitStatus);
        Assert.Contains("--gpu drm_node=ffff:ff:1f.7 has no render node: ", run.StandardError, StringComparison.Ordinal);

        run = RunGpuProcess(folder, "context-types=drm,blob=on,hostmem=256M,drm_node=/dev/null");
        Assert.Equal(3, run.ExitStatus);
        Assert.Contains("is no DRM device", run.StandardError, StringComparison.Ordinal);
    }

    [Fact]
    public void Process_WhoseUserMayNotOpenTheNode_SaysWhatHelps()
    {
        string folder = SourceTree.OutputFolder("native-permission");
        string node = Path.Combine(folder, "renderD128");
        File.WriteAllBytes(node, []);
        File.SetUnixFileMode(node, UnixFileMode.None);

        // Root may open everything by capabilities; the child has none.
        RunResult run = RunGpuProcess(
            folder, $"context-types=drm,blob=on,hostmem=256M,drm_node={node}",
            Environment.IsPrivilegedProcess ? [Needs.Program("setpriv", "util-linux"), "--bounding-set=-all", "--inh-caps=-all"] : []);

        Assert.Equal(3, run.ExitStatus);
        Assert.Contains(
            $"--gpu drm_native_context=on cannot use drm_node={node}: may not be opened by this user: add the user to the group render",
            run.StandardError, StringComparison.Ordinal);
    }

    // The socket has its name before anybody listens.
    internal static UnixSocket Connect(string path)
    {
        UnixSocket? socket = null;
        Assert.True(SpinWait.SpinUntil(() => TryConnect(path, out socket), s_patience));
        return socket!;
    }

    private static bool TryConnect(string path, out UnixSocket? socket)
    {
        try
        {
            socket = UnixSocket.Connect(path);
            return true;
        }
        catch (ErrnoException error) when (error.Errno is Errno.ENOENT or Errno.ECONNREFUSED)
        {
            socket = null;
            return false;
        }
    }

    private static ChildProgram Start(string socket, string gpu) => ChildProgram.Start(
        Built("SplitVmm.GpuSoftware", "gpu-software"), ["--vhost-user-listen", socket, "--gpu", gpu],
        new Dictionary<string, string> { ["GPU_SOFTWARE_DRIVER"] = "asahi" });

    /// <param name="before">A program, with its arguments, that starts it.</param>
    private static RunResult RunGpuProcess(string folder, string gpu, params string[] before)
    {
        string[] command = [.. before, Built("gpu-process", "gpu-process"), "--vhost-user-listen", Path.Combine(folder, "gpu"), "--gpu", gpu];
        return ChildProgram.Run(command[0], command[1..], s_patience);
    }

    internal static string Built(string project, string program) => SourceTree.Path("out", "build", "bin", project, "release_linux-x64", program);

    private static byte[] Nop() => new VdrmStream().Add(AsahiCcmd.ASAHI_CCMD_NOP, default(GpuProcess.Native.Contexts.VdrmCcmdReq)).Take();
}
