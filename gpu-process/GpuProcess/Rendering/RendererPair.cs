using System.Diagnostics.CodeAnalysis;
using SplitVmm.GpuProcess.Blobs;
using SplitVmm.GpuProcess.DmaBufs;
using SplitVmm.GpuProcess.Fences;
using SplitVmm.GpuProcess.Native;
using SplitVmm.GpuProcess.Protocol;
using SplitVmm.GpuProcess.Resources;
using SplitVmm.Platform.Descriptors;

namespace SplitVmm.GpuProcess.Rendering;

/// <summary>
/// Two renderers side by side: the capability set that a context was made for says whose it is, and a resource is its maker's.
/// 2D and what belongs to no context is the first one's. Resources of one are not memory for the other.
/// </summary>
/// <param name="general">virglrenderer.</param>
/// <param name="native">DRM native contexts.</param>
internal sealed unsafe class RendererPair<TGeneral>(TGeneral general, NativeRenderer native) : IRenderer3d, IBlobRenderer, IPictureExporter
    where TGeneral : IRenderer3d, IBlobRenderer
{
    private readonly HashSet<uint> _natives = [];
    private readonly Capset[] _capsets = [.. general.Capsets, .. native.Capsets];

    public RendererIdentity Identity { get; } = general.Identity with { Renderer = $"{general.Identity.Renderer} and {native.Identity.Renderer}" };

    public ReadOnlySpan<Capset> Capsets => _capsets;

    public Descriptor? PollDescriptor => general.PollDescriptor;

    public bool MustPoll => general.MustPoll;

    public void FillCapset(in Capset capset, uint version, Span<byte> destination)
    {
        if (capset.Id == VirtioGpuCapsetId.VIRTIO_GPU_CAPSET_DRM)
        {
            native.FillCapset(capset, version, destination);
        }
        else
        {
            general.FillCapset(capset, version, destination);
        }
    }

    public VirtioGpuCtrlType CreateContext(uint context, VirtioGpuCapsetId type, ReadOnlySpan<byte> name)
    {
        if (type != VirtioGpuCapsetId.VIRTIO_GPU_CAPSET_DRM)
        {
            return general.CreateContext(context, type, name);
        }

        VirtioGpuCtrlType result = native.CreateContext(context, type, name);
        if (result == VirtioGpuCtrlType.VIRTIO_GPU_RESP_OK_NODATA)
        {
            _ = _natives.Add(context);
        }

        return result;
    }

    public void DestroyContext(uint context)
    {
        if (_natives.Remove(context))
        {
            native.DestroyContext(context);
        }
        else
        {
            general.DestroyContext(context);
        }
    }

    public void AttachToContext(uint context, GpuResource resource)
    {
        if (_natives.Contains(context))
        {
            native.AttachToContext(context, resource);
        }
        else if (resource is not NativeBlob)
        {
            general.AttachToContext(context, resource);
        }
    }

    public void DetachFromContext(uint context, GpuResource resource)
    {
        if (_natives.Contains(context))
        {
            native.DetachFromContext(context, resource);
        }
        else if (resource is not NativeBlob)
        {
            general.DetachFromContext(context, resource);
        }
    }

    public VirtioGpuCtrlType CreateBlob(in VirtioGpuResourceCreateBlob request, GuestBacking? backing, out BlobResource? resource) =>
        request.BlobMem != VirtioGpuBlobMem.VIRTIO_GPU_BLOB_MEM_GUEST && _natives.Contains(request.Hdr.CtxId)
            ? native.CreateBlob(request, backing, out resource)
            : general.CreateBlob(request, backing, out resource);

    public bool TryExport(BlobResource resource, [NotNullWhen(true)] out Descriptor? file, out VirtioGpuMapInfo cache, out string why) =>
        resource is NativeBlob
            ? native.TryExport(resource, out file, out cache, out why)
            : general.TryExport(resource, out file, out cache, out why);

    public ExportedPicture? TryExportPicture(GpuResource resource, out string why)
    {
        why = "";
        return (general as IPictureExporter)?.TryExportPicture(resource, out why);
    }

    public void FlushPictures() => (general as IPictureExporter)?.FlushPictures();

    public VirtioGpuCtrlType Submit(uint context, void* stream, uint bytes) =>
        _natives.Contains(context) ? native.Submit(context, stream, bytes) : general.Submit(context, stream, bytes);

    public bool TryCreateFence(uint fence) => general.TryCreateFence(fence);

    public bool TryCreateContextFence(FenceTimelineId timeline, uint fence) => _natives.Contains(timeline.Context)
        ? native.TryCreateContextFence(timeline, fence)
        : general.TryCreateContextFence(timeline, fence);

    public void Poll()
    {
        general.Poll();
        native.Poll();
    }

    public VirtioGpuCtrlType Create2d(in VirtioGpuResourceCreate2d request, ulong hostBytes, out GpuResource? resource) =>
        general.Create2d(request, hostBytes, out resource);

    public void Destroy(GpuResource resource)
    {
        if (resource is NativeBlob)
        {
            native.Destroy(resource);
        }
        else
        {
            general.Destroy(resource);
        }
    }

    public VirtioGpuCtrlType AttachBacking(GpuResource resource, GuestBacking backing) =>
        resource is NativeBlob ? VirtioGpuCtrlType.VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER : general.AttachBacking(resource, backing);

    public void DetachBacking(GpuResource resource) => general.DetachBacking(resource);

    public VirtioGpuCtrlType TransferToHost2d(GpuResource resource, in VirtioGpuTransferToHost2d request) =>
        resource is NativeBlob ? VirtioGpuCtrlType.VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER : general.TransferToHost2d(resource, request);

    public bool TryReadPixels(GpuResource resource, in VirtioGpuRect area, byte* destination, uint stride) =>
        resource is not NativeBlob && general.TryReadPixels(resource, area, destination, stride);

    public VirtioGpuCtrlType Create3d(in VirtioGpuResourceCreate3d request, out GpuResource? resource) =>
        general.Create3d(request, out resource);

    public VirtioGpuCtrlType TransferToHost3d(GpuResource resource, in VirtioGpuTransferHost3d request) => IsOpenGl(resource, request.Hdr)
        ? general.TransferToHost3d(resource, request)
        : VirtioGpuCtrlType.VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER;

    public VirtioGpuCtrlType Fill(GpuResource resource, in VirtioGpuTransferHost3d request, ReadOnlySpan<byte> contents) =>
        resource is NativeBlob ? VirtioGpuCtrlType.VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER : general.Fill(resource, request, contents);

    public VirtioGpuCtrlType TransferFromHost3d(GpuResource resource, in VirtioGpuTransferHost3d request) => IsOpenGl(resource, request.Hdr)
        ? general.TransferFromHost3d(resource, request)
        : VirtioGpuCtrlType.VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER;

    public void Reset()
    {
        native.Reset();
        general.Reset();
    }

    public void Dispose()
    {
        native.Dispose();
        general.Dispose();
    }

    private bool IsOpenGl(GpuResource resource, in VirtioGpuCtrlHdr header) => resource is not NativeBlob && !_natives.Contains(header.CtxId);
}
