using SplitVmm.GpuProcess.Blobs;
using SplitVmm.GpuProcess.Protocol;
using SplitVmm.GpuProcess.Resources;
using SplitVmm.Wires.Display;
using static SplitVmm.GpuProcess.Protocol.VirtioGpuCtrlType;

namespace SplitVmm.GpuProcess.Commands;

/// <summary>The commands of the cursor queue (virtio 1.3 section 5.7.6.10).</summary>
internal sealed class CursorCommands(GpuState state)
{
    /// <summary>Does what the guest wants; <see cref="Cursors.CursorPresenter.Present"/> then shows it.</summary>
    public VirtioGpuCtrlType Execute(ref GpuExchange exchange)
    {
        VirtioGpuCtrlType type = exchange.Header.Type;
        if (type is not (VIRTIO_GPU_CMD_UPDATE_CURSOR or VIRTIO_GPU_CMD_MOVE_CURSOR))
        {
            return VIRTIO_GPU_RESP_ERR_UNSPEC;
        }

        if (!exchange.TryRead(out VirtioGpuUpdateCursor request))
        {
            return VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER;
        }

        return Execute(request, type == VIRTIO_GPU_CMD_MOVE_CURSOR);
    }

    /// <summary>Changes a cursor, for a guest or out of the journal.</summary>
    public VirtioGpuCtrlType Execute(in VirtioGpuUpdateCursor request, bool moveOnly)
    {
        if (request.Pos.ScanoutId >= state.Scanouts.Count)
        {
            return VIRTIO_GPU_RESP_ERR_INVALID_SCANOUT_ID;
        }

        VirtioGpuCtrlType result = moveOnly ? VIRTIO_GPU_RESP_OK_NODATA : Update(request);
        if (result == VIRTIO_GPU_RESP_OK_NODATA)
        {
            state.Cursors.Move(request.Pos.ScanoutId, (int)request.Pos.X, (int)request.Pos.Y);
            state.Journal?.CursorChanged(request, moveOnly);
        }

        return result;
    }

    private VirtioGpuCtrlType Update(in VirtioGpuUpdateCursor request)
    {
        if (request.ResourceId == 0)
        {
            state.Cursors.Hide(request.Pos.ScanoutId);
            return VIRTIO_GPU_RESP_OK_NODATA;
        }

        if (!state.Resources.TryGet(request.ResourceId, out GpuResource? resource))
        {
            return VIRTIO_GPU_RESP_ERR_INVALID_RESOURCE_ID;
        }

        if (resource is BlobResource blob)
        {
            return BlobLayout.Cursor.FitsIn(blob.Size, DisplayProtocol.MaxCursorDimension)
                ? state.Cursors.SetImage(request.Pos.ScanoutId, blob, BlobLayout.Cursor, request.HotX, request.HotY)
                : VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER;
        }

        // The specification says 64x64; larger cursors exist in drivers, and the wire has its own limit.
        return resource.IsPicture
            && resource.Width is > 0 and <= DisplayProtocol.MaxCursorDimension
            && resource.Height is > 0 and <= DisplayProtocol.MaxCursorDimension
            ? state.Cursors.SetImage(request.Pos.ScanoutId, resource, null, request.HotX, request.HotY)
            : VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER;
    }
}
