using System.Runtime.InteropServices;
using SplitVmm.GpuProcess.Fences;
using SplitVmm.GpuProcess.Interop;
using SplitVmm.GpuProcess.Options;
using SplitVmm.GpuProcess.Protocol;
using SplitVmm.GpuProcess.Rendering;
using SplitVmm.GpuProcess.Resources;
using SplitVmm.Platform.Descriptors;
using static SplitVmm.GpuProcess.Interop.LibVirglRenderer;

namespace SplitVmm.GpuProcess.Virgl;

/// <summary>
/// 3D by virglrenderer: the guest's OpenGL in the host's. 2D resources are made there too, because a guest may
/// attach them to a context. One per process; every call from the thread that made it.
/// </summary>
/// <remarks>
/// <c>virgl_renderer_reset</c> is not used: before 1.2 it does not start the library's fence thread again, and
/// every fence after a guest's reboot would hang. Destroying each context and resource comes to the same.
/// </remarks>
internal sealed unsafe partial class VirglRenderer : IRenderer3d
{
    private readonly EglDisplay _display;
    private readonly VirglRendererCallbacks* _callbacks;
    private readonly Capset[] _capsets;
    private readonly Descriptor? _pollDescriptor;

    private readonly DrmFiles? _drmFiles;

    /// <summary>Contexts that <c>virgl_render_server</c> has.</summary>
    private readonly HashSet<uint> _venusContexts = [];

    private VirglRenderer(EglDisplay display, VirglRendererCallbacks* callbacks, string version, ContextTypes types, DrmFiles? drmFiles)
    {
        _display = display;
        _drmFiles = drmFiles;
        _callbacks = callbacks;
        _capsets = FindCapsets(types);
        int poll = virgl_renderer_get_poll_fd();
        // The library owns its eventfd; a second descriptor of the same one is ours to watch and to close.
        _pollDescriptor = poll >= 0 ? Duplicate(poll) : null;
        (string renderer, string glVersion) = GlContexts.Describe();
        Identity = new RendererIdentity(renderer, glVersion, version, display.Platform);
        _textures = TextureExports.TryCreate(display, renderer, out _noTextures);
    }

    public RendererIdentity Identity { get; }

    public Descriptor? PollDescriptor => _pollDescriptor;

    /// <summary>Without the library's fence thread there is no eventfd either.</summary>
    public bool MustPoll => _pollDescriptor is null;

    /// <summary>Loads and starts the library on the calling thread.</summary>
    /// <param name="renderNode">Of the GPU to use; null: surfaceless.</param>
    /// <param name="types">What is offered to the guest; what of it cannot be had fails the start.</param>
    /// <param name="server">Connection to <c>virgl_render_server</c>, for Venus; stays the caller's.</param>
    /// <param name="retired">Told of every retired fence, from the library's thread.</param>
    /// <param name="log">Takes the library's warnings, which guests can cause; from any thread.</param>
    /// <exception cref="VirglException">3D cannot be had on this host.</exception>
    public static VirglRenderer Start(string? renderNode, ContextTypes types, Descriptor? server, RetiredFences retired, Action<string> log)
    {
        string version = VirglLibrary.RequireVersion();
        bool venus = types.HasFlag(ContextTypes.Venus);
        if (venus)
        {
            VenusSupport.Require(types, server);
        }

        bool isNative = types.HasFlag(ContextTypes.Drm);
        DrmFiles? drmFiles = isNative ? DrmFiles.Open(renderNode, log) : null;
        EglDisplay display = EglDisplay.Open(renderNode);
        VirglRendererCallbacks* callbacks = VirglCallbacks.Install(new GlContexts(display), retired, log, drmFiles);
        int flags = VIRGL_RENDERER_USE_EXTERNAL_BLOB | (display.IsGles ? VIRGL_RENDERER_USE_GLES : 0)
            | (venus ? VIRGL_RENDERER_VENUS | VIRGL_RENDERER_RENDER_SERVER : 0)
            | (isNative ? VIRGL_RENDERER_DRM : 0);
        int error = Init(callbacks, flags | VIRGL_RENDERER_THREAD_SYNC | VIRGL_RENDERER_ASYNC_FENCE_CB, venus ? server : null);
        if (error == 0 && virgl_renderer_get_poll_fd() < 0)
        {
            // The fence thread did not start. The library does not say so, and would then retire no fence at all.
            virgl_renderer_cleanup(callbacks);
            if (venus)
            {
                display.Dispose();
                drmFiles?.Dispose();
                throw new VirglException(
                    $"--gpu venus=on needs fences by another thread, which EGL ({display.Platform}) does not let virglrenderer have: leave it away");
            }

            // It takes no notice of the flag for native contexts then, and does not say that either.
            error = isNative ? Platform.Errors.Errno.ENOSYS : Init(callbacks, flags, null);
        }

        if (error != 0)
        {
            display.Dispose();
            drmFiles?.Dispose();
            throw new VirglException(isNative
                ? $"--gpu native=virglrenderer: the library does not start with DRM native contexts on this render node, error {error}; Debian builds it without them (-Ddrm-renderers=): leave native away, which takes SplitVmm's own"
                : $"virglrenderer does not start on EGL ({display.Platform}){(venus ? " with virgl_render_server" : "")}, error {error}: see its messages above, or start with --gpu virgl=off");
        }

        return new VirglRenderer(display, callbacks, version, types, drmFiles);
    }

    public VirtioGpuCtrlType Create2d(in VirtioGpuResourceCreate2d request, ulong hostBytes, out GpuResource? resource)
    {
        var arguments = new VirglRendererResourceCreateArgs
        {
            Handle = request.ResourceId,
            Target = PIPE_TEXTURE_2D,
            Format = StorageFormat(request.Format),
            Bind = VIRGL_RES_BIND_RENDER_TARGET,
            Width = request.Width,
            Height = request.Height,
            Depth = 1,
            ArraySize = 1,
            Flags = VirtioGpuResourceCreate3d.VIRTIO_GPU_RESOURCE_FLAG_Y_0_TOP,
        };
        int error = virgl_renderer_resource_create(&arguments, null, 0);
        resource = error != 0
            ? null
            : new VirglResource(request.ResourceId, request.Width, request.Height, (uint)request.Format) { HostBytes = hostBytes };
        return error == 0 ? VirtioGpuCtrlType.VIRTIO_GPU_RESP_OK_NODATA : ErrorOfCreation(error);
    }

    public void Destroy(GpuResource resource) => virgl_renderer_resource_unref(resource.Id);

    public VirtioGpuCtrlType AttachBacking(GpuResource resource, GuestBacking backing) =>
        // The array stays where it is until DetachBacking.
        virgl_renderer_resource_attach_iov((int)resource.Id, backing.Vectors, backing.VectorCount) == 0
            ? VirtioGpuCtrlType.VIRTIO_GPU_RESP_OK_NODATA
            : VirtioGpuCtrlType.VIRTIO_GPU_RESP_ERR_UNSPEC;

    public void DetachBacking(GpuResource resource) => virgl_renderer_resource_detach_iov((int)resource.Id, null, null);

    public VirtioGpuCtrlType TransferToHost2d(GpuResource resource, in VirtioGpuTransferToHost2d request)
    {
        if (request.R.IsEmpty)
        {
            return VirtioGpuCtrlType.VIRTIO_GPU_RESP_OK_NODATA;
        }

        VirtioGpuBox box = BoxOf(request.R);
        // The guest's rows are those of the whole resource.
        uint stride = resource.Width * PixelFormats.BytesPerPixel;
        int error = virgl_renderer_transfer_write_iov(resource.Id, 0, 0, stride, 0, &box, request.Offset, null, 0);
        return error == 0 ? VirtioGpuCtrlType.VIRTIO_GPU_RESP_OK_NODATA : VirtioGpuCtrlType.VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER;
    }

    public bool TryReadPixels(GpuResource resource, in VirtioGpuRect area, byte* destination, uint stride)
    {
        VirtioGpuBox box = BoxOf(area);
        // The rows that the caller made room for. The library turns pictures that OpenGL has bottom-up, so that the
        // first row is the top one whatever the resource's Y_0_TOP flag says; one piece spares it a copy.
        var vector = new IoVector
        {
            Base = destination,
            Length = ((nuint)(area.Height - 1) * stride) + ((nuint)area.Width * PixelFormats.BytesPerPixel),
        };
        return virgl_renderer_transfer_read_iov(resource.Id, 0, 0, stride, 0, &box, 0, &vector, 1) == 0;
    }

    public void Reset()
    {
    }

    public void Dispose()
    {
        virgl_renderer_cleanup(_callbacks);
        _pollDescriptor?.Dispose();
        _display.Dispose();
        _drmFiles?.Dispose();
    }

    // The library has no X8B8G8R8: the same bytes with an alpha that nobody looks at, for the format of a scanout is
    // the guest's.
    private static uint StorageFormat(VirtioGpuFormats format) => format == VirtioGpuFormats.VIRTIO_GPU_FORMAT_X8B8G8R8_UNORM
        ? (uint)VirtioGpuFormats.VIRTIO_GPU_FORMAT_A8B8G8R8_UNORM
        : (uint)format;

    private static VirtioGpuBox BoxOf(in VirtioGpuRect area) =>
        new() { X = area.X, Y = area.Y, W = area.Width, H = area.Height, D = 1 };

    private static VirtioGpuCtrlType ErrorOfCreation(int error) => Math.Abs(error) == Platform.Errors.Errno.ENOMEM
        ? VirtioGpuCtrlType.VIRTIO_GPU_RESP_ERR_OUT_OF_MEMORY
        : VirtioGpuCtrlType.VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER;

    private static Descriptor Duplicate(int descriptor)
    {
        var borrowed = new Descriptor(descriptor);
        try
        {
            return borrowed.Duplicate();
        }
        finally
        {
            borrowed.SetHandleAsInvalid();
        }
    }

    private static int Init(VirglRendererCallbacks* callbacks, int flags, Descriptor? server)
    {
        if (server is not null)
        {
            VirglCallbacks.OfferServer(server);
        }

        // The library wants a cookie that is not null; the table serves.
        return virgl_renderer_init(callbacks, flags, callbacks);
    }

    private static Capset[] FindCapsets(ContextTypes types)
    {
        var found = new List<Capset>();
        foreach ((ContextTypes type, VirtioGpuCapsetId id) in ((ContextTypes, VirtioGpuCapsetId)[])[
            (ContextTypes.Virgl, VirtioGpuCapsetId.VIRTIO_GPU_CAPSET_VIRGL),
            (ContextTypes.Virgl2, VirtioGpuCapsetId.VIRTIO_GPU_CAPSET_VIRGL2),
            (ContextTypes.Drm, VirtioGpuCapsetId.VIRTIO_GPU_CAPSET_DRM),
            // The library gives a size even where Venus was not asked for: the types decide.
            (ContextTypes.Venus, VirtioGpuCapsetId.VIRTIO_GPU_CAPSET_VENUS)])
        {
            uint version = 0;
            uint size = 0;
            virgl_renderer_get_cap_set((uint)id, &version, &size);
            if (size > 0 && types.HasFlag(type))
            {
                found.Add(new Capset(id, version, size));
            }
        }

        return [.. found];
    }
}
