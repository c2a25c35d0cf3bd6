using SplitVmm.Harness;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Sockets;

namespace SplitVmm.GpuProcess.Tests.Rig;

/// <summary>A real <c>virgl_render_server</c> in a Debian root, with lavapipe.</summary>
internal sealed class VenusServer : IDisposable
{
    private readonly ChildProgram _child;
    private UnixSocket? _end;

    private VenusServer(ChildProgram child, UnixSocket end)
    {
        _child = child;
        _end = end;
    }

    public string Errors => _child.StandardError;

    /// <param name="image">The Debian root to run in.</param>
    /// <param name="spawning">Held while descriptors are open that other children must not inherit.</param>
    public static VenusServer Start(string image, Lock spawning)
    {
        string root = Path.Combine(Needs.Image(image), "root");
        string bubblewrap = Needs.Program("bwrap", "bubblewrap");
        (UnixSocket ours, UnixSocket theirs) = UnixSocket.CreateSeqPacketPair();
        // The server waits in recvmsg.
        theirs.SetNonBlocking(false);
        lock (spawning)
        {
            using (theirs)
            {
                using Descriptor inherited = RuntimeGpu.Inheritable(theirs);
                ChildProgram child = ChildProgram.Start(
                    bubblewrap,
                    [
                        "--unshare-user", "--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--cap-drop", "ALL",
                        "--die-with-parent", "--new-session", "--clearenv", "--setenv", "HOME", "/tmp",
                        "--setenv", "MESA_SHADER_CACHE_DISABLE", "true",
                        "--setenv", "VK_DRIVER_FILES", "/usr/share/vulkan/icd.d/lvp_icd.json",
                        "--ro-bind", root, "/", "--tmpfs", "/tmp", "--dev", "/dev",
                        "/usr/libexec/virgl_render_server", "--socket-fd", RuntimeGpu.Number(inherited),
                    ]);
                return new VenusServer(child, ours);
            }
        }
    }

    /// <summary>The other end of its connection, for gpu-process; the caller's from now on.</summary>
    public UnixSocket TakeEnd()
    {
        UnixSocket end = _end!;
        _end = null;
        return end;
    }

    /// <summary>Ends it, and the processes of its contexts with it.</summary>
    public void Kill()
    {
        _child.Kill();
        _ = _child.WaitForExit(TimeSpan.FromSeconds(30));
    }

    public void Dispose()
    {
        _end?.Dispose();
        _child.Dispose();
    }
}
