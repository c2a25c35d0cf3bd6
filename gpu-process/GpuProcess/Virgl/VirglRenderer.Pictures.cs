using SplitVmm.GpuProcess.DmaBufs;
using SplitVmm.GpuProcess.Interop;
using SplitVmm.GpuProcess.Resources;
using static SplitVmm.GpuProcess.Interop.LibVirglRenderer;

namespace SplitVmm.GpuProcess.Virgl;

/// <summary>Textures that a scanout shows, as dma-bufs.</summary>
internal sealed unsafe partial class VirglRenderer : IPictureExporter
{
    private const uint VIRGL_RESOURCE_Y_0_TOP = 1;

    private readonly TextureExports? _textures;
    private readonly string _noTextures;

    public ExportedPicture? TryExportPicture(GpuResource resource, out string why)
    {
        if (_textures is null)
        {
            why = _noTextures;
            return null;
        }

        VirglRendererResourceInfo info = default;
        int error = virgl_renderer_resource_get_info((int)resource.Id, &info);
        if (error != 0 || info.TexId == 0)
        {
            why = $"virglrenderer has no texture for resource {resource.Id}, error {error}";
            return null;
        }

        virgl_renderer_force_ctx_0();
        // The flag speaks of the guest's rows. The library turns them over: OpenGL has the bottom row of such a texture first.
        return _textures.TryExport(info.TexId, (info.Flags & VIRGL_RESOURCE_Y_0_TOP) == 0, out why);
    }

    public void FlushPictures()
    {
        virgl_renderer_force_ctx_0();
        _textures?.Flush();
    }
}
