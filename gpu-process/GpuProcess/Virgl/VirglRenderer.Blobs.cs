using System.Diagnostics.CodeAnalysis;
using SplitVmm.GpuProcess.Blobs;
using SplitVmm.GpuProcess.Interop;
using SplitVmm.GpuProcess.Protocol;
using SplitVmm.GpuProcess.Resources;
using SplitVmm.Platform.Descriptors;
using static SplitVmm.GpuProcess.Interop.LibVirglRenderer;

namespace SplitVmm.GpuProcess.Virgl;

/// <summary>Blobs, whose memory goes to another process: VIRGL_RENDERER_USE_EXTERNAL_BLOB is set for that.</summary>
internal sealed unsafe partial class VirglRenderer : IBlobRenderer
{
    public VirtioGpuCtrlType CreateBlob(in VirtioGpuResourceCreateBlob request, GuestBacking? backing, out BlobResource? resource)
    {
        var arguments = new VirglRendererResourceCreateBlobArgs
        {
            ResHandle = request.ResourceId,
            CtxId = request.Hdr.CtxId,
            BlobMem = (uint)request.BlobMem,
            BlobFlags = (uint)request.BlobFlags,
            BlobId = request.BlobId,
            Size = request.Size,
            // The array stays where it is until DetachBacking.
            Iovecs = backing is null ? null : backing.Vectors,
            NumIovs = (uint)(backing?.VectorCount ?? 0),
        };
        int error = virgl_renderer_resource_create_blob(&arguments);
        resource = error != 0
            ? null
            : new BlobResource(request.ResourceId, request.BlobMem, request.BlobFlags, request.Size)
            {
                IsInRenderer = true,
                ContextId = request.Hdr.CtxId,
            };
        return error == 0 ? VirtioGpuCtrlType.VIRTIO_GPU_RESP_OK_NODATA : ErrorOfCreation(error);
    }

    public bool TryExport(BlobResource resource, [NotNullWhen(true)] out Descriptor? file, out VirtioGpuMapInfo cache, out string why)
    {
        file = null;
        why = "";
        uint info = 0;
        int error = virgl_renderer_resource_get_map_info(resource.Id, &info);
        cache = (VirtioGpuMapInfo)(info & VirtioGpuRespMapInfo.VIRTIO_GPU_MAP_CACHE_MASK);
        if (error != 0)
        {
            why = $"the renderer says nothing of its mapping, error {error}";
            return false;
        }

        file = Export(resource.Id, out uint type, out error);
        if (file is null)
        {
            why = $"the host's driver does not give its memory to other processes, error {error}";
            return false;
        }

        if (type is VIRGL_RENDERER_BLOB_FD_TYPE_DMABUF or VIRGL_RENDERER_BLOB_FD_TYPE_SHM)
        {
            return true;
        }

        file.Dispose();
        file = null;
        why = "the host's Vulkan driver exports opaque descriptors and no dma-bufs, which no other process can map";
        return false;
    }

    private static bool IsDmaBuf(uint resource)
    {
        using Descriptor? file = Export(resource, out uint type, out _);
        return file is not null && type == VIRGL_RENDERER_BLOB_FD_TYPE_DMABUF;
    }

    private static Descriptor? Export(uint resource, out uint type, out int error)
    {
        uint kind = 0;
        int number = -1;
        error = virgl_renderer_resource_export_blob(resource, &kind, &number);
        type = kind;
        return error == 0 && number >= 0 ? new Descriptor(number) : null;
    }
}
