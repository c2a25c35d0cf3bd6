using SplitVmm.GpuProcess.Blobs;
using SplitVmm.GpuProcess.Protocol;
using SplitVmm.GpuProcess.Resources;
using SplitVmm.GpuProcess.Scanouts;
using static SplitVmm.GpuProcess.Protocol.VirtioGpuCtrlType;

namespace SplitVmm.GpuProcess.Commands;

/// <summary>Monitors, scanouts and the flush (virtio 1.3 section 5.7.6.8).</summary>
internal sealed class DisplayCommands(GpuState state)
{
    private bool _flushed2d;
    private bool _flushed3d;

    public VirtioGpuCtrlType GetDisplayInfo(ref GpuExchange exchange)
    {
        VirtioGpuRespDisplayInfo response = default;
        state.Outputs.Describe(ref response);
        return exchange.Reply(VIRTIO_GPU_RESP_OK_DISPLAY_INFO, ref response);
    }

    public VirtioGpuCtrlType GetEdid(ref GpuExchange exchange)
    {
        if (!state.Has(VirtioGpuFeatures.VIRTIO_GPU_F_EDID))
        {
            return VIRTIO_GPU_RESP_ERR_UNSPEC;
        }

        if (!exchange.TryRead(out VirtioGpuGetEdid request))
        {
            return VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER;
        }

        if (request.Scanout >= state.Outputs.Count)
        {
            return VIRTIO_GPU_RESP_ERR_INVALID_SCANOUT_ID;
        }

        VirtioGpuRespEdid response = default;
        response.Size = (uint)state.Outputs.WriteEdid((int)request.Scanout, response.Edid);
        return exchange.Reply(VIRTIO_GPU_RESP_OK_EDID, ref response);
    }

    public VirtioGpuCtrlType SetScanout(ref GpuExchange exchange)
    {
        if (!exchange.TryRead(out VirtioGpuSetScanout request))
        {
            return VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER;
        }

        return SetScanout(request);
    }

    /// <summary>Sets a scanout, for a guest or out of the journal.</summary>
    public VirtioGpuCtrlType SetScanout(in VirtioGpuSetScanout request)
    {
        if (request.ScanoutId >= state.Scanouts.Count)
        {
            return VIRTIO_GPU_RESP_ERR_INVALID_SCANOUT_ID;
        }

        if (request.ResourceId == 0)
        {
            state.Scanouts.TurnOff(request.ScanoutId);
            state.Journal?.ScanoutChanged(state.Scanouts[request.ScanoutId]);
            return VIRTIO_GPU_RESP_OK_NODATA;
        }

        if (!state.Resources.TryGet(request.ResourceId, out GpuResource? resource))
        {
            return VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID;
        }

        if (!resource.IsPicture || !request.R.FitsIn(resource.Width, resource.Height)
            || !FrameBuffers.CanHold(request.R.Width, request.R.Height))
        {
            return VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER;
        }

        if (!state.Scanouts.HasRoomFor(request.ScanoutId, request.R))
        {
            return VIRTIO_GPU_RESP_ERR_OUT_OF_MEMORY;
        }

        state.Scanouts.Show(request.ScanoutId, resource, request.R);
        state.Journal?.ScanoutChanged(state.Scanouts[request.ScanoutId]);
        return VIRTIO_GPU_RESP_OK_NODATA;
    }

    public VirtioGpuCtrlType SetScanoutBlob(ref GpuExchange exchange)
    {
        if (!exchange.TryRead(out VirtioGpuSetScanoutBlob request))
        {
            return VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER;
        }

        return SetScanoutBlob(request);
    }

    /// <summary>Shows a part of a blob, for a guest or out of the journal.</summary>
    public VirtioGpuCtrlType SetScanoutBlob(in VirtioGpuSetScanoutBlob request)
    {
        if (request.ScanoutId >= state.Scanouts.Count)
        {
            return VIRTIO_GPU_RESP_ERR_INVALID_SCANOUT_ID;
        }

        if (request.ResourceId == 0)
        {
            return SetScanout(new VirtioGpuSetScanout { ScanoutId = request.ScanoutId });
        }

        if (!state.Resources.TryGet(request.ResourceId, out GpuResource? resource))
        {
            return VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID;
        }

        var layout = BlobLayout.Of(request);
        if (resource is not BlobResource blob || !layout.FitsIn(blob.Size, state.Resources.Limits.MaxDimension)
            || !request.R.FitsIn(layout.Width, layout.Height) || !FrameBuffers.CanHold(request.R.Width, request.R.Height))
        {
            return VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER;
        }

        if (!state.Scanouts.HasRoomFor(request.ScanoutId, request.R))
        {
            return VIRTIO_GPU_RESP_ERR_OUT_OF_MEMORY;
        }

        state.Scanouts.Show(request.ScanoutId, blob, request.R, layout);
        state.Journal?.ScanoutChanged(state.Scanouts[request.ScanoutId]);
        return VIRTIO_GPU_RESP_OK_NODATA;
    }

    public VirtioGpuCtrlType ResourceFlush(ref GpuExchange exchange)
    {
        if (!exchange.TryRead(out VirtioGpuResourceFlush request))
        {
            return VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER;
        }

        if (!state.Resources.TryGet(request.ResourceId, out GpuResource? resource))
        {
            return VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID;
        }

        // A blob is as large as the pictures that scanouts show of it.
        uint limit = state.Resources.Limits.MaxDimension;
        if (resource is BlobResource ? !request.R.FitsIn(limit, limit) : !request.R.FitsIn(resource.Width, resource.Height))
        {
            return VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER;
        }

        if (resource.Scanouts != 0)
        {
            Count(resource);
            state.Scanouts.Flush(resource, request.R);
        }

        return VIRTIO_GPU_RESP_OK_NODATA;
    }

    private void Count(GpuResource resource)
    {
        state.Statistics.Frames++;
        if (resource.Is3d)
        {
            state.Statistics.AcceleratedFrames++;
        }

        ref bool flushed = ref resource.Is3d ? ref _flushed3d : ref _flushed2d;
        if (!flushed)
        {
            flushed = true;
            state.FirstFlush?.Invoke(resource.Is3d);
        }
    }
}
