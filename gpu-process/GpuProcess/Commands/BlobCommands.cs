using SplitVmm.GpuProcess.Blobs;
using SplitVmm.GpuProcess.Journal;
using SplitVmm.GpuProcess.Native.Contexts;
using SplitVmm.GpuProcess.Protocol;
using SplitVmm.GpuProcess.Resources;
using SplitVmm.Platform.Errors;
using static SplitVmm.GpuProcess.Protocol.VirtioGpuBlobMem;
using static SplitVmm.GpuProcess.Protocol.VirtioGpuCtrlType;

namespace SplitVmm.GpuProcess.Commands;

/// <summary>Blob resources and the host-visible window (virtio 1.3 section 5.7.6.8).</summary>
/// <remarks>
/// A blob of guest memory needs no renderer. A blob of host memory belongs to a context of the renderer; beyond the
/// specification one of context 0 with blob id 0 is plain shared memory of this process, from the budget of 2D resources.
/// </remarks>
internal sealed class BlobCommands(GpuState state, BlobWindow window)
{
    private const VirtioGpuBlobFlags KnownFlags = VirtioGpuBlobFlags.VIRTIO_GPU_BLOB_FLAG_USE_MAPPABLE
        | VirtioGpuBlobFlags.VIRTIO_GPU_BLOB_FLAG_USE_SHAREABLE | VirtioGpuBlobFlags.VIRTIO_GPU_BLOB_FLAG_USE_CROSS_DEVICE;

    private readonly List<(BlobResource Page, ulong Offset)> _restored = [];

    public VirtioGpuCtrlType Create(ref GpuExchange exchange)
    {
        if (!exchange.TryRead(out VirtioGpuResourceCreateBlob request))
        {
            return VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER;
        }

        VirtioGpuCtrlType result = Check(request);
        if (result != VIRTIO_GPU_RESP_OK_NODATA)
        {
            return result;
        }

        if (request.NrEntries == 0)
        {
            return CreateOnHost(request, null);
        }

        if (!state.Resources.HasRoomForBacking(request.NrEntries))
        {
            return VIRTIO_GPU_RESP_ERR_OUT_OF_MEMORY;
        }

        return GuestBacking.TryCreate(state.Memory, ref exchange.Tail, request.NrEntries) is { } backing
            ? Create(request, backing)
            : VIRTIO_GPU_RESP_ERR_UNSPEC;
    }

    /// <summary>Makes a blob of guest memory again, out of the journal.</summary>
    public VirtioGpuCtrlType Restore(uint id, in BlobRecord record, ReadOnlySpan<VirtioGpuMemEntry> entries)
    {
        VirtioGpuResourceCreateBlob request = record.ToRequest(id, (uint)entries.Length);
        VirtioGpuCtrlType result = Check(request);
        if (result != VIRTIO_GPU_RESP_OK_NODATA || request.BlobMem != VIRTIO_GPU_BLOB_MEM_GUEST)
        {
            return VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER;
        }

        return state.Resources.HasRoomForBacking(request.NrEntries) && GuestBacking.TryCreate(state.Memory, entries) is { } backing
            ? Create(request, backing)
            : VIRTIO_GPU_RESP_ERR_UNSPEC;
    }

    /// <summary>
    /// Makes the page of a native context that has gone, out of the journal: it says that every command has been carried out, so
    /// that nobody waits in it for one that never will be. <see cref="MapRestored"/> maps it where it was.
    /// </summary>
    public VirtioGpuCtrlType RestorePage(uint id, in PageRecord record)
    {
        VirtioGpuResourceCreateBlob request = new()
        {
            ResourceId = id,
            BlobMem = VIRTIO_GPU_BLOB_MEM_HOST3D,
            BlobFlags = VirtioGpuBlobFlags.VIRTIO_GPU_BLOB_FLAG_USE_MAPPABLE,
            Size = record.Size,
        };
        VirtioGpuCtrlType result = Check(request);
        if (result == VIRTIO_GPU_RESP_OK_NODATA)
        {
            result = CreateOwn(request, isWaitedIn: true);
        }

        if (result == VIRTIO_GPU_RESP_OK_NODATA && state.Resources.TryGet(id, out GpuResource? resource))
        {
            var page = (BlobResource)resource;
            LostPage.Fill(page.Memory!);
            _restored.Add((page, record.Offset));
        }

        return result;
    }

    /// <summary>
    /// Maps what was restored, before the guest's next command. The front end may still be in its exchange with this new
    /// process; it listens to requests meanwhile.
    /// </summary>
    public void MapRestored()
    {
        foreach ((BlobResource page, ulong offset) in _restored)
        {
            _ = window.Map(page, offset, out _);
            NoteWaitingPlace(page);
        }

        _restored.Clear();
    }

    public VirtioGpuCtrlType Map(ref GpuExchange exchange)
    {
        VirtioGpuCtrlType result = Find(ref exchange, out BlobResource? blob, out VirtioGpuResourceMapBlob request);
        if (blob is null)
        {
            return result;
        }

        VirtioGpuRespMapInfo response = default;
        result = window.Map(blob, request.Offset, out response.MapInfo);
        NoteWaitingPlace(blob);
        return result == VIRTIO_GPU_RESP_OK_MAP_INFO ? exchange.Reply(result, ref response) : result;
    }

    public VirtioGpuCtrlType Unmap(ref GpuExchange exchange)
    {
        if (!exchange.TryRead(out VirtioGpuResourceReference request))
        {
            return VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER;
        }

        if (!state.Resources.TryGet(request.ResourceId, out GpuResource? resource))
        {
            return VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID;
        }

        if (resource is not BlobResource blob || !window.TryUnmap(blob))
        {
            return VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER;
        }

        NoteWaitingPlace(blob);
        return VIRTIO_GPU_RESP_OK_NODATA;
    }

    /// <summary>The resource ends: it is no longer mapped afterwards.</summary>
    public void Release(BlobResource blob)
    {
        _ = window.TryUnmap(blob);
        blob.Memory?.Dispose();
        blob.View?.Dispose();
    }

    /// <summary>The device was reset, and the front end has taken every mapping away by itself.</summary>
    public void ForgetMappings()
    {
        foreach (GpuResource resource in state.Resources.All)
        {
            if (resource is BlobResource blob)
            {
                blob.MappedAt = null;
            }
        }
    }

    private VirtioGpuCtrlType Check(in VirtioGpuResourceCreateBlob request)
    {
        if (request.ResourceId == 0 || state.Resources.TryGet(request.ResourceId, out _))
        {
            return VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID;
        }

        bool hasGuestPages = request.BlobMem is VIRTIO_GPU_BLOB_MEM_GUEST or VIRTIO_GPU_BLOB_MEM_HOST3D_GUEST;
        if (request.BlobMem is < VIRTIO_GPU_BLOB_MEM_GUEST or > VIRTIO_GPU_BLOB_MEM_HOST3D_GUEST
            || (request.BlobFlags & ~KnownFlags) != 0 || hasGuestPages != (request.NrEntries != 0)
            || request.Size == 0 || request.Size > state.Resources.Limits.MaxBlobBytes)
        {
            return VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER;
        }

        if (request.BlobFlags.HasFlag(VirtioGpuBlobFlags.VIRTIO_GPU_BLOB_FLAG_USE_CROSS_DEVICE)
            && !state.Has(VirtioGpuFeatures.VIRTIO_GPU_F_RESOURCE_UUID))
        {
            // Another device would know it by its UUID, which this driver cannot ask for.
            return VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER;
        }

        if (request.BlobMem != VIRTIO_GPU_BLOB_MEM_GUEST && !IsOwn(request)
            && (state.BlobRenderer is null || !state.Contexts.ContainsKey(request.Hdr.CtxId)))
        {
            return VIRTIO_GPU_RESP_ERR_INVALID_CONTEXT_ID;
        }

        return state.Resources.HasRoomFor(IsOwn(request) ? request.Size : 0)
            ? VIRTIO_GPU_RESP_OK_NODATA
            : VIRTIO_GPU_RESP_ERR_OUT_OF_MEMORY;
    }

    private static bool IsOwn(in VirtioGpuResourceCreateBlob request) =>
        request.BlobMem == VIRTIO_GPU_BLOB_MEM_HOST3D && request.Hdr.CtxId == 0 && request.BlobId == 0;

    private VirtioGpuCtrlType Create(in VirtioGpuResourceCreateBlob request, GuestBacking backing)
    {
        VirtioGpuCtrlType result = backing.Length < request.Size
            ? VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER
            : request.BlobMem == VIRTIO_GPU_BLOB_MEM_GUEST && state.BlobRenderer is null
                ? Add(new BlobResource(request.ResourceId, request.BlobMem, request.BlobFlags, request.Size), backing)
                : CreateOnHost(request, backing);
        if (result != VIRTIO_GPU_RESP_OK_NODATA)
        {
            backing.Dispose();
        }

        return result;
    }

    private VirtioGpuCtrlType CreateOnHost(in VirtioGpuResourceCreateBlob request, GuestBacking? backing)
    {
        if (IsOwn(request))
        {
            return CreateOwn(request);
        }

        VirtioGpuCtrlType result = state.BlobRenderer!.CreateBlob(request, backing, out BlobResource? blob);
        if (blob is null)
        {
            return result;
        }

        if (blob.Mem != VIRTIO_GPU_BLOB_MEM_GUEST && state.Contexts.TryGetValue(request.Hdr.CtxId, out GpuContext? context))
        {
            // Its memory is nowhere but in this process: a successor cannot restore what draws with it.
            state.Journal?.ContextLost(context);
        }

        return Add(blob, backing);
    }

    private void NoteWaitingPlace(BlobResource blob)
    {
        if (blob.IsWaitedIn)
        {
            state.Journal?.WaitingPlaceChanged(blob);
        }
    }

    private VirtioGpuCtrlType CreateOwn(in VirtioGpuResourceCreateBlob request, bool isWaitedIn = false)
    {
        try
        {
            ulong bytes = (request.Size + BlobResource.PageSize - 1) & ~(BlobResource.PageSize - 1);
            var blob = new BlobResource(request.ResourceId, request.BlobMem, request.BlobFlags, request.Size)
            {
                Memory = new BlobMemory(bytes),
                HostBytes = bytes,
                IsWaitedIn = isWaitedIn,
            };
            return Add(blob, null);
        }
        catch (ErrnoException)
        {
            return VIRTIO_GPU_RESP_ERR_OUT_OF_MEMORY;
        }
    }

    private VirtioGpuCtrlType Add(BlobResource blob, GuestBacking? backing)
    {
        state.Resources.Add(blob);
        state.Statistics.Resources = state.Resources.Count;
        if (backing is not null)
        {
            state.Resources.SetBacking(blob, backing);
            state.Journal?.BackingAttached(blob);
        }

        return VIRTIO_GPU_RESP_OK_NODATA;
    }

    private VirtioGpuCtrlType Find(ref GpuExchange exchange, out BlobResource? blob, out VirtioGpuResourceMapBlob request)
    {
        blob = null;
        if (!exchange.TryRead(out request))
        {
            return VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER;
        }

        if (!state.Resources.TryGet(request.ResourceId, out GpuResource? resource))
        {
            return VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID;
        }

        blob = resource as BlobResource;
        return VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER;
    }
}
