using SplitVmm.GpuProcess.Interop;
using SplitVmm.GpuProcess.Options;
using SplitVmm.GpuProcess.Protocol;
using SplitVmm.Platform.Descriptors;

namespace SplitVmm.GpuProcess.Virgl;

/// <summary>Whether Venus can be had, asked before virglrenderer is started, which would only say that it cannot.</summary>
internal static unsafe class VenusSupport
{
    /// <summary>Built without Venus, the library has no such structure and gives no size; before init this may be asked too.</summary>
    public static bool IsBuiltIn
    {
        get
        {
            uint version = 0;
            uint size = 0;
            LibVirglRenderer.virgl_renderer_get_cap_set((uint)VirtioGpuCapsetId.VIRTIO_GPU_CAPSET_VENUS, &version, &size);
            return size > 0;
        }
    }

    /// <param name="server">Connection to the server; null: nobody gave one.</param>
    /// <exception cref="VirglException">Something is missing.</exception>
    public static void Require(ContextTypes types, Descriptor? server)
    {
        if ((types & (ContextTypes.Virgl | ContextTypes.Virgl2)) == 0)
        {
            // Pictures of 2D would have to be made elsewhere: without OpenGL virglrenderer has none.
            throw new VirglException("--gpu venus=on needs OpenGL beside it in this version: leave virgl=off away, or write context-types=virgl2:venus");
        }

        if (!IsBuiltIn)
        {
            throw new VirglException(
                $"--gpu venus=on: this {LibVirglRenderer.Library} was built without Venus: install one that was built with it (package libvirglrenderer1 of Debian 13)");
        }

        if (server is null)
        {
            throw new VirglException(
                "--gpu venus=on needs virgl_render_server (package virgl-server) in a process of its own: start by splitvmm run, or give a socket to it by --venus-fd N");
        }
    }
}
