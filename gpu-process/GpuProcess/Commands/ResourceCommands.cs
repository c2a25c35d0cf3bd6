using SplitVmm.GpuProcess.Blobs;
using SplitVmm.GpuProcess.Journal;
using SplitVmm.GpuProcess.Protocol;
using SplitVmm.GpuProcess.Resources;
using static SplitVmm.GpuProcess.Protocol.VirtioGpuCtrlType;

namespace SplitVmm.GpuProcess.Commands;

/// <summary>Resources, their backing and 2D transfers (virtio 1.3 section 5.7.6.8).</summary>
internal sealed class ResourceCommands(GpuState state, BlobCommands blobs)
{
    public VirtioGpuCtrlType Create2d(ref GpuExchange exchange)
    {
        if (!exchange.TryRead(out VirtioGpuResourceCreate2d request))
        {
            return VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER;
        }

        return Create2d(request);
    }

    /// <summary>Makes a resource, for a guest or out of the journal.</summary>
    public VirtioGpuCtrlType Create2d(in VirtioGpuResourceCreate2d request)
    {
        ResourceTable table = state.Resources;
        if (request.ResourceId == 0 || table.TryGet(request.ResourceId, out _))
        {
            return VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID;
        }

        if (!PixelFormats.IsKnown((uint)request.Format) || request.Width == 0 || request.Height == 0
            || request.Width > table.Limits.MaxDimension || request.Height > table.Limits.MaxDimension)
        {
            return VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER;
        }

        ulong bytes = (ulong)request.Width * request.Height * PixelFormats.BytesPerPixel;
        if (!table.HasRoomFor(bytes))
        {
            return VIRTIO_GPU_RESP_ERR_OUT_OF_MEMORY;
        }

        VirtioGpuCtrlType result = state.Renderer.Create2d(request, bytes, out GpuResource? resource);
        if (resource is not null)
        {
            table.Add(resource);
            state.Statistics.Resources = table.Count;
            state.Journal?.ResourceCreated(request.ResourceId, ResourceRecord.Of(request));
        }

        return result;
    }

    public VirtioGpuCtrlType Unref(ref GpuExchange exchange)
    {
        VirtioGpuCtrlType result = Find(ref exchange, out GpuResource? resource);
        if (resource is not null)
        {
            Destroy(resource);
        }

        return result;
    }

    public VirtioGpuCtrlType AttachBacking(ref GpuExchange exchange)
    {
        if (!exchange.TryRead(out VirtioGpuResourceAttachBacking request))
        {
            return VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER;
        }

        if (!state.Resources.TryGet(request.ResourceId, out GpuResource? resource))
        {
            return VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID;
        }

        if (request.NrEntries == 0)
        {
            return VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER;
        }

        if (!state.Resources.HasRoomForBacking(request.NrEntries))
        {
            return VIRTIO_GPU_RESP_ERR_OUT_OF_MEMORY;
        }

        if (resource.Backing is not null || GuestBacking.TryCreate(state.Memory, ref exchange.Tail, request.NrEntries) is not { } backing)
        {
            return VIRTIO_GPU_RESP_ERR_UNSPEC;
        }

        return AttachBacking(resource, backing);
    }

    /// <summary>Attaches a backing, for a guest or out of the journal.</summary>
    /// <param name="resource">Has none.</param>
    /// <param name="backing">Owned from here on.</param>
    public VirtioGpuCtrlType AttachBacking(GpuResource resource, GuestBacking backing)
    {
        // A blob of the host has no guest pages but those that it was made with.
        VirtioGpuCtrlType result = resource is BlobResource blob && (blob.Mem != VirtioGpuBlobMem.VIRTIO_GPU_BLOB_MEM_GUEST || backing.Length < blob.Size)
            ? VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER
            : state.Renderer.AttachBacking(resource, backing);
        if (result == VIRTIO_GPU_RESP_OK_NODATA)
        {
            state.Resources.SetBacking(resource, backing);
            state.Journal?.BackingAttached(resource);
        }
        else
        {
            backing.Dispose();
        }

        return result;
    }

    public VirtioGpuCtrlType DetachBacking(ref GpuExchange exchange)
    {
        VirtioGpuCtrlType result = Find(ref exchange, out GpuResource? resource);
        if (resource is null)
        {
            return result;
        }

        return TryDetach(resource) ? VIRTIO_GPU_RESP_OK_NODATA : VIRTIO_GPU_RESP_ERR_UNSPEC;
    }

    public VirtioGpuCtrlType TransferToHost2d(ref GpuExchange exchange)
    {
        if (!exchange.TryRead(out VirtioGpuTransferToHost2d request))
        {
            return VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER;
        }

        if (!state.Resources.TryGet(request.ResourceId, out GpuResource? resource))
        {
            return VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID;
        }

        if (resource is BlobResource)
        {
            // It is the memory itself. Linux asks for a transfer all the same.
            return VIRTIO_GPU_RESP_OK_NODATA;
        }

        if (resource.Backing is null)
        {
            return VIRTIO_GPU_RESP_ERR_UNSPEC;
        }

        return resource.IsPicture && request.R.FitsIn(resource.Width, resource.Height)
            ? state.Renderer.TransferToHost2d(resource, request)
            : VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER;
    }

    public VirtioGpuCtrlType AssignUuid(ref GpuExchange exchange)
    {
        if (!state.Has(VirtioGpuFeatures.VIRTIO_GPU_F_RESOURCE_UUID))
        {
            return VIRTIO_GPU_RESP_ERR_UNSPEC;
        }

        VirtioGpuCtrlType result = Find(ref exchange, out GpuResource? resource);
        if (resource is null)
        {
            return result;
        }

        if (resource.Uuid is not { } uuid)
        {
            resource.Uuid = uuid = Guid.NewGuid();
            state.Journal?.UuidAssigned(resource);
        }

        VirtioGpuRespResourceUuid response = default;
        // RFC 4122 writes the fields from their high bytes down.
        _ = uuid.TryWriteBytes(response.Uuid, bigEndian: true, out _);
        return exchange.Reply(VIRTIO_GPU_RESP_OK_RESOURCE_UUID, ref response);
    }

    /// <summary>Ends a resource and everything that refers to it.</summary>
    public void Destroy(GpuResource resource)
    {
        RemoveFromScanouts(resource);
        resource.DropExport();
        _ = TryDetach(resource);
        var blob = resource as BlobResource;
        if (blob is null or { IsInRenderer: true })
        {
            state.Renderer.Destroy(resource);
        }

        if (blob is not null)
        {
            blobs.Release(blob);
        }

        state.Resources.Remove(resource);
        state.Journal?.ResourceDestroyed(resource);
        // The renderer has taken it out of its contexts: a later resource of the same id is in none.
        foreach (uint id in resource.Contexts)
        {
            if (state.Contexts.TryGetValue(id, out GpuContext? context))
            {
                _ = context.Resources.Remove(resource.Id);
            }
        }

        state.Statistics.Resources = state.Resources.Count;
    }

    /// <summary>Translates every backing anew; one that lies outside the new memory is detached.</summary>
    /// <returns>How many were detached.</returns>
    public int RebindBackings()
    {
        int lost = 0;
        foreach (GpuResource resource in state.Resources.All)
        {
            if (resource.Backing is { } backing)
            {
                state.Renderer.DetachBacking(resource);
                resource.DropExport();
                if (!backing.TryRebind(state.Memory) || state.Renderer.AttachBacking(resource, backing) != VIRTIO_GPU_RESP_OK_NODATA)
                {
                    state.Resources.DropBacking(resource);
                    state.Journal?.BackingDetached(resource);
                    lost++;
                }
            }
        }

        return lost;
    }

    private bool TryDetach(GpuResource resource)
    {
        if (resource.Backing is null)
        {
            return false;
        }

        state.Renderer.DetachBacking(resource);
        state.Resources.DropBacking(resource);
        state.Journal?.BackingDetached(resource);
        return true;
    }

    private void RemoveFromScanouts(GpuResource resource)
    {
        uint shown = resource.Scanouts;
        state.Scanouts.Remove(resource);
        for (uint i = 0; shown != 0; i++, shown >>= 1)
        {
            if ((shown & 1) != 0)
            {
                state.Journal?.ScanoutChanged(state.Scanouts[i]);
            }
        }
    }

    private VirtioGpuCtrlType Find(ref GpuExchange exchange, out GpuResource? resource)
    {
        resource = null;
        if (!exchange.TryRead(out VirtioGpuResourceReference request))
        {
            return VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER;
        }

        return state.Resources.TryGet(request.ResourceId, out resource)
            ? VIRTIO_GPU_RESP_OK_NODATA
            : VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID;
    }
}
