using SplitVmm.GpuProcess.Journal;
using SplitVmm.GpuProcess.Protocol;
using SplitVmm.GpuProcess.Rendering;
using SplitVmm.GpuProcess.Resources;
using static SplitVmm.GpuProcess.Protocol.VirtioGpuCtrlType;

namespace SplitVmm.GpuProcess.Commands;

/// <summary>3D resources and their transfers (virtio 1.3 section 5.7.6.9).</summary>
internal sealed class Resource3dCommands(GpuState state, IRenderer3d renderer)
{
    public VirtioGpuCtrlType Create(ref GpuExchange exchange)
    {
        if (!exchange.TryRead(out VirtioGpuResourceCreate3d request))
        {
            return VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER;
        }

        return Create(request);
    }

    /// <summary>Makes a resource, for a guest or out of the journal.</summary>
    public VirtioGpuCtrlType Create(in VirtioGpuResourceCreate3d request)
    {
        if (request.ResourceId == 0 || state.Resources.TryGet(request.ResourceId, out _))
        {
            return VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID;
        }

        if (!state.Resources.HasRoomFor(0))
        {
            return VIRTIO_GPU_RESP_ERR_OUT_OF_MEMORY;
        }

        VirtioGpuCtrlType result = renderer.Create3d(request, out GpuResource? resource);
        if (resource is not null)
        {
            state.Resources.Add(resource);
            state.Statistics.Resources = state.Resources.Count;
            state.Journal?.ResourceCreated(request.ResourceId, ResourceRecord.Of(request));
        }

        return result;
    }

    public VirtioGpuCtrlType TransferToHost(ref GpuExchange exchange)
    {
        VirtioGpuCtrlType result = Find(ref exchange, out GpuResource? resource, out VirtioGpuTransferHost3d request);
        if (resource is null)
        {
            return result;
        }

        result = renderer.TransferToHost3d(resource, request);
        if (result == VIRTIO_GPU_RESP_OK_NODATA)
        {
            state.Uploads?.Upload(resource, request);
        }

        return result;
    }

    public VirtioGpuCtrlType TransferFromHost(ref GpuExchange exchange)
    {
        VirtioGpuCtrlType result = Find(ref exchange, out GpuResource? resource, out VirtioGpuTransferHost3d request);
        return resource is null ? result : renderer.TransferFromHost3d(resource, request);
    }

    private VirtioGpuCtrlType Find(ref GpuExchange exchange, out GpuResource? resource, out VirtioGpuTransferHost3d request)
    {
        resource = null;
        if (!exchange.TryRead(out request))
        {
            return VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER;
        }

        if (request.Hdr.CtxId != 0 && !state.Contexts.ContainsKey(request.Hdr.CtxId))
        {
            return VIRTIO_GPU_RESP_ERR_INVALID_CONTEXT_ID;
        }

        if (!state.Resources.TryGet(request.ResourceId, out GpuResource? found))
        {
            return VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID;
        }

        if (found.Backing is null)
        {
            return VIRTIO_GPU_RESP_ERR_UNSPEC;
        }

        resource = found;
        return VIRTIO_GPU_RESP_OK_NODATA;
    }
}
