using SplitVmm.GpuProcess.Blobs;
using SplitVmm.GpuProcess.Protocol;
using SplitVmm.GpuProcess.Resources;
using static SplitVmm.GpuProcess.Protocol.VirtioGpuCtrlType;

namespace SplitVmm.GpuProcess.Commands;

/// <summary>
/// The commands of the control queue. To add one: its structures go to <c>Protocol/</c>, its method to a class of
/// this folder, and a line to <see cref="Execute"/>, under the feature that offers it.
/// </summary>
internal sealed class ControlCommands : IDisposable
{
    private readonly GpuState _state;
    private readonly CapsetCommands? _capsets;

    public ControlCommands(GpuState state, BlobWindow window)
    {
        _state = state;
        Display = new DisplayCommands(state);
        Blobs = new BlobCommands(state, window);
        Resources = new ResourceCommands(state, Blobs);
        if (state.Renderer3d is { } renderer)
        {
            _capsets = new CapsetCommands(renderer);
            Contexts = new ContextCommands(state, renderer);
            Resources3d = new Resource3dCommands(state, renderer);
        }
    }

    public DisplayCommands Display { get; }

    public ResourceCommands Resources { get; }

    public BlobCommands Blobs { get; }

    /// <summary>Null without 3D.</summary>
    public ContextCommands? Contexts { get; }

    /// <summary>Null without 3D.</summary>
    public Resource3dCommands? Resources3d { get; }

    private bool HasBlobs => _state.Has(VirtioGpuFeatures.VIRTIO_GPU_F_RESOURCE_BLOB);

    /// <summary>Does what the guest wants.</summary>
    /// <returns>The kind of the response, which is a bare header unless the exchange holds a reply by now.</returns>
    public VirtioGpuCtrlType Execute(ref GpuExchange exchange) => exchange.Header.Type switch
    {
        VIRTIO_GPU_CMD_GET_DISPLAY_INFO => Display.GetDisplayInfo(ref exchange),
        VIRTIO_GPU_CMD_GET_EDID => Display.GetEdid(ref exchange),
        VIRTIO_GPU_CMD_SET_SCANOUT => Display.SetScanout(ref exchange),
        VIRTIO_GPU_CMD_RESOURCE_FLUSH => Display.ResourceFlush(ref exchange),
        VIRTIO_GPU_CMD_RESOURCE_CREATE_2D => Resources.Create2d(ref exchange),
        VIRTIO_GPU_CMD_RESOURCE_UNREF => Resources.Unref(ref exchange),
        VIRTIO_GPU_CMD_RESOURCE_ATTACH_BACKING => Resources.AttachBacking(ref exchange),
        VIRTIO_GPU_CMD_RESOURCE_DETACH_BACKING => Resources.DetachBacking(ref exchange),
        VIRTIO_GPU_CMD_TRANSFER_TO_HOST_2D => Resources.TransferToHost2d(ref exchange),
        VIRTIO_GPU_CMD_RESOURCE_ASSIGN_UUID => Resources.AssignUuid(ref exchange),
        VIRTIO_GPU_CMD_RESOURCE_CREATE_BLOB when HasBlobs => Blobs.Create(ref exchange),
        VIRTIO_GPU_CMD_SET_SCANOUT_BLOB when HasBlobs => Display.SetScanoutBlob(ref exchange),
        VIRTIO_GPU_CMD_RESOURCE_MAP_BLOB when HasBlobs => Blobs.Map(ref exchange),
        VIRTIO_GPU_CMD_RESOURCE_UNMAP_BLOB when HasBlobs => Blobs.Unmap(ref exchange),
        _ => _state.Has(VirtioGpuFeatures.VIRTIO_GPU_F_VIRGL) ? Execute3d(ref exchange) : VIRTIO_GPU_RESP_ERR_UNSPEC,
    };

    /// <summary>Guest memory has changed: every backing is looked up again.</summary>
    public int RebindBackings() => Resources.RebindBackings();

    /// <summary>Ends everything that the guest has made. Contexts first: they refer to resources.</summary>
    public void Reset()
    {
        _state.Scanouts.Reset();
        _state.Cursors.Reset();
        Contexts?.Reset();
        Blobs.ForgetMappings();
        foreach (GpuResource resource in _state.Resources.All.ToArray())
        {
            Resources.Destroy(resource);
        }

        _state.Renderer.Reset();
        _state.HasUnfencedWork = false;
    }

    public void Dispose() => Contexts?.Dispose();

    private VirtioGpuCtrlType Execute3d(ref GpuExchange exchange) => exchange.Header.Type switch
    {
        VIRTIO_GPU_CMD_SUBMIT_3D => Contexts!.Submit(ref exchange),
        VIRTIO_GPU_CMD_TRANSFER_TO_HOST_3D => Resources3d!.TransferToHost(ref exchange),
        VIRTIO_GPU_CMD_TRANSFER_FROM_HOST_3D => Resources3d!.TransferFromHost(ref exchange),
        VIRTIO_GPU_CMD_RESOURCE_CREATE_3D => Resources3d!.Create(ref exchange),
        VIRTIO_GPU_CMD_CTX_CREATE => Contexts!.Create(ref exchange),
        VIRTIO_GPU_CMD_CTX_DESTROY => Contexts!.Destroy(ref exchange),
        VIRTIO_GPU_CMD_CTX_ATTACH_RESOURCE => Contexts!.AttachResource(ref exchange),
        VIRTIO_GPU_CMD_CTX_DETACH_RESOURCE => Contexts!.DetachResource(ref exchange),
        VIRTIO_GPU_CMD_GET_CAPSET_INFO => _capsets!.GetCapsetInfo(ref exchange),
        VIRTIO_GPU_CMD_GET_CAPSET => _capsets!.GetCapset(ref exchange),
        _ => VIRTIO_GPU_RESP_ERR_UNSPEC,
    };
}
