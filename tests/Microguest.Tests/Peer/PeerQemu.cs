using SplitVmm.Harness;
using Xunit;

namespace SplitVmm.Microguest.Tests.Peer;

/// <summary>
/// The QEMU of the image <c>peer-qemu</c> under the same guest: <c>virtio-gpu-gl</c> with blobs and a host-visible window,
/// in a root of its own, on an X server without a screen.
/// </summary>
/// <remarks>
/// Without a DRM node QEMU offers OpenGL only with a window (<c>-display sdl,gl=on</c>). The blobs that it maps belong to a
/// context, and of all contexts only Venus's has some without a GPU: blob id 0 is shared memory of
/// <c>virgl_render_server</c>.
/// </remarks>
internal sealed class PeerQemu : IDisposable
{
    /// <summary>Its root serves gpu-process too: then both render by the same libraries.</summary>
    public const string Image = "peer-qemu";

    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(4);

    private readonly ChildProgram _screen;
    private readonly string _bubblewrap;
    private readonly string _root;

    public PeerQemu()
    {
        Needs.Kvm();
        _bubblewrap = Needs.Program("bwrap", "bubblewrap");
        _root = Path.Combine(Needs.Image(Image), "root");
        _screen = ChildProgram.Start(
            Needs.Program("Xvfb", "xvfb"), ["-displayfd", "1", "-screen", "0", "640x480x24", "-nolisten", "tcp", "-noreset"]);
        if (!_screen.WaitForOutput("\n", TimeSpan.FromSeconds(30)))
        {
            throw new InvalidOperationException($"Xvfb did not start: {_screen.StandardError}");
        }
    }

    /// <summary>What QEMU calls itself, in one line.</summary>
    public string Version => Start("--version").StandardOutput.Split('\n')[0];

    /// <param name="test">The guest's <c>test=</c>, and words after it.</param>
    /// <returns>The guest's console.</returns>
    public string Run(string test)
    {
        RunResult result = Start(
            "-nodefaults", "-no-user-config", "-no-reboot", "-machine", "q35", "-accel", "kvm", "-cpu", "host", "-m", "512M",
            "-kernel", "/run/microguest.elf", "-append", $"test={test} venus peer=qemu,gl",
            "-device", "virtio-gpu-gl-pci,hostmem=256M,blob=on,venus=on", "-display", "sdl,gl=on", "-serial", "stdio");
        Assert.True(result.StandardOutput.Contains("MG: done 1 0 0", StringComparison.Ordinal), $"{result.StandardOutput}\n{result.StandardError}");
        return result.StandardOutput;
    }

    public void Dispose() => _screen.Dispose();

    private RunResult Start(params string[] arguments) => ChildProgram.Run(
        _bubblewrap,
        [
            // Not the host's System V memory taken away: X and its clients share pictures by it.
            "--unshare-user", "--unshare-pid", "--unshare-net", "--die-with-parent", "--clearenv",
            "--setenv", "PATH", "/usr/bin", "--setenv", "DISPLAY", $":{_screen.StandardOutput.Trim()}",
            "--ro-bind", _root, "/", "--dev", "/dev", "--dev-bind", "/dev/kvm", "/dev/kvm", "--proc", "/proc", "--tmpfs", "/tmp",
            "--bind", "/tmp/.X11-unix", "/tmp/.X11-unix", "--ro-bind", SourceTree.Path("out", "microguest"), "/run",
            "qemu-system-x86_64", .. arguments,
        ],
        s_limit);
}
