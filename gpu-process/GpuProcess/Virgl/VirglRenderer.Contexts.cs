using SplitVmm.GpuProcess.Blobs;
using SplitVmm.GpuProcess.Fences;
using SplitVmm.GpuProcess.Interop;
using SplitVmm.GpuProcess.Native.Contexts;
using SplitVmm.GpuProcess.Protocol;
using SplitVmm.GpuProcess.Rendering;
using SplitVmm.GpuProcess.Resources;
using static SplitVmm.GpuProcess.Interop.LibVirglRenderer;

namespace SplitVmm.GpuProcess.Virgl;

/// <summary>Contexts, 3D resources, command streams and fences.</summary>
internal sealed unsafe partial class VirglRenderer
{
    public ReadOnlySpan<Capset> Capsets => _capsets;

    public void FillCapset(in Capset capset, uint version, Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan((uint)destination.Length, capset.MaxSize);
        destination.Clear();
        fixed (byte* bytes = destination)
        {
            // The library writes the structure of the set: MaxSize bytes, for which there is room.
            virgl_renderer_fill_caps((uint)capset.Id, version, bytes);
        }

        if (capset.Id == VirtioGpuCapsetId.VIRTIO_GPU_CAPSET_DRM)
        {
            DrmCapset.Restrict(destination);
        }
    }

    public VirtioGpuCtrlType CreateContext(uint context, VirtioGpuCapsetId type, ReadOnlySpan<byte> name)
    {
        fixed (byte* bytes = name)
        {
            int error = virgl_renderer_context_create_with_flags(context, (uint)type, (uint)name.Length, bytes);
            if (error == 0 && type == VirtioGpuCapsetId.VIRTIO_GPU_CAPSET_VENUS)
            {
                _ = _venusContexts.Add(context);
            }

            return error == 0 ? VirtioGpuCtrlType.VIRTIO_GPU_RESP_OK_NODATA : ErrorOfCreation(error);
        }
    }

    public void DestroyContext(uint context)
    {
        _ = _venusContexts.Remove(context);
        virgl_renderer_context_destroy(context);
    }

    public void AttachToContext(uint context, GpuResource resource)
    {
        // virgl_render_server imports dma-bufs only, and the library asserts, rather than checks, that it is one.
        bool isForeign = _venusContexts.Contains(context) && resource is BlobResource { IsInRenderer: true } blob
            && blob.Mem != VirtioGpuBlobMem.VIRTIO_GPU_BLOB_MEM_GUEST && blob.ContextId != context;
        if (!isForeign || IsDmaBuf(resource.Id))
        {
            virgl_renderer_ctx_attach_resource((int)context, (int)resource.Id);
        }
    }

    public void DetachFromContext(uint context, GpuResource resource) =>
        virgl_renderer_ctx_detach_resource((int)context, (int)resource.Id);

    public VirtioGpuCtrlType Create3d(in VirtioGpuResourceCreate3d request, out GpuResource? resource)
    {
        var arguments = new VirglRendererResourceCreateArgs
        {
            Handle = request.ResourceId,
            Target = request.Target,
            Format = request.Format,
            Bind = request.Bind,
            Width = request.Width,
            Height = request.Height,
            Depth = request.Depth,
            ArraySize = request.ArraySize,
            LastLevel = request.LastLevel,
            NrSamples = request.NrSamples,
            Flags = request.Flags,
        };
        int error = virgl_renderer_resource_create(&arguments, null, 0);
        resource = error != 0
            ? null
            : new VirglResource(request.ResourceId, request.Width, request.Height, request.Format)
            {
                Is3d = true,
                IsPicture = request.Target is PIPE_TEXTURE_2D or PIPE_TEXTURE_RECT && request.NrSamples <= 1
                    && PixelFormats.IsKnown(request.Format),
            };
        return error == 0 ? VirtioGpuCtrlType.VIRTIO_GPU_RESP_OK_NODATA : ErrorOfCreation(error);
    }

    public VirtioGpuCtrlType TransferToHost3d(GpuResource resource, in VirtioGpuTransferHost3d request)
    {
        VirtioGpuBox box = request.Box;
        int error = virgl_renderer_transfer_write_iov(
            resource.Id, request.Hdr.CtxId, (int)request.Level, request.Stride, request.LayerStride, &box, request.Offset, null, 0);
        return ResultOf(error);
    }

    public VirtioGpuCtrlType Fill(GpuResource resource, in VirtioGpuTransferHost3d request, ReadOnlySpan<byte> contents)
    {
        VirtioGpuBox box = request.Box;
        fixed (byte* bytes = contents)
        {
            // The library checks that the transfer reads no more than the vector has.
            var vector = new IoVector { Base = bytes, Length = (nuint)contents.Length };
            return ResultOf(virgl_renderer_transfer_write_iov(
                resource.Id, 0, (int)request.Level, request.Stride, request.LayerStride, &box, 0, &vector, 1));
        }
    }

    public VirtioGpuCtrlType TransferFromHost3d(GpuResource resource, in VirtioGpuTransferHost3d request)
    {
        VirtioGpuBox box = request.Box;
        int error = virgl_renderer_transfer_read_iov(
            resource.Id, request.Hdr.CtxId, request.Level, request.Stride, request.LayerStride, &box, request.Offset, null, 0);
        return ResultOf(error);
    }

    public VirtioGpuCtrlType Submit(uint context, void* stream, uint bytes) =>
        ResultOf(virgl_renderer_submit_cmd(stream, (int)context, (int)(bytes / sizeof(uint))));

    public bool TryCreateFence(uint fence) => virgl_renderer_create_fence((int)fence, 0) == 0;

    public bool TryCreateContextFence(FenceTimelineId timeline, uint fence) =>
        virgl_renderer_context_create_fence(timeline.Context, VIRGL_RENDERER_FENCE_FLAG_MERGEABLE, timeline.Ring, fence) == 0;

    public void Poll() => virgl_renderer_poll();

    private static VirtioGpuCtrlType ResultOf(int error) =>
        error == 0 ? VirtioGpuCtrlType.VIRTIO_GPU_RESP_OK_NODATA : VirtioGpuCtrlType.VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER;
}
