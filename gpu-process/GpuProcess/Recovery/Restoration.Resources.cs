using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SplitVmm.GpuProcess.Journal;
using SplitVmm.GpuProcess.Protocol;
using SplitVmm.GpuProcess.Replay;
using SplitVmm.GpuProcess.Resources;
using static SplitVmm.GpuProcess.Protocol.VirtioGpuCtrlType;

namespace SplitVmm.GpuProcess.Recovery;

/// <summary>Resources, what fills them, and what shows them.</summary>
internal sealed partial class Restoration
{
    private bool RestoreResource(uint id, in ResourceRecord record)
    {
        VirtioGpuCtrlType result = record.Is3d == 0
            ? _commands.Resources.Create2d(record.To2d(id))
            : _commands.Resources3d?.Create(record.To3d(id)) ?? VIRTIO_GPU_RESP_ERR_UNSPEC;
        return result == VIRTIO_GPU_RESP_OK_NODATA;
    }

    private bool RestoreBacking(uint id, ReadOnlySpan<byte> value)
    {
        if (!_state.Resources.TryGet(id, out GpuResource? resource) || resource.Backing is not null
            || BackingEncoding.Read(value, _state.Resources.Limits.MaxBackingEntries) is not { } entries
            || !_state.Resources.HasRoomForBacking((uint)entries.Length)
            || GuestBacking.TryCreate(_state.Memory, entries) is not { } backing
            || _commands.Resources.AttachBacking(resource, backing) != VIRTIO_GPU_RESP_OK_NODATA)
        {
            return false;
        }

        if (!resource.Is3d)
        {
            // Its pixels are what the guest's memory holds now. A backing that is too short was of no use before.
            _ = _state.Renderer.TransferToHost2d(
                resource, new VirtioGpuTransferToHost2d { ResourceId = id, R = new VirtioGpuRect(0, 0, resource.Width, resource.Height) });
        }

        return true;
    }

    private bool RestoreUuid(uint id, ReadOnlySpan<byte> value)
    {
        bool known = value.Length == 16 && _state.Resources.TryGet(id, out _);
        if (known && _state.Resources.TryGet(id, out GpuResource? resource))
        {
            resource.Uuid = new Guid(value);
        }

        return known;
    }

    private bool RestoreContents(uint id, ReadOnlySpan<byte> value)
    {
        if (!_state.Resources.TryGet(id, out GpuResource? resource) || resource.Backing is null || !resource.Is3d
            || _state.Uploads is null || value.Length % Unsafe.SizeOf<UploadSet.Upload>() != 0
            || value.Length / Unsafe.SizeOf<UploadSet.Upload>() > UploadSet.MaxUploads)
        {
            return false;
        }

        Span<UploadSet.Upload> uploads = stackalloc UploadSet.Upload[UploadSet.MaxUploads];
        value.CopyTo(MemoryMarshal.AsBytes(uploads));
        foreach (ref UploadSet.Upload upload in uploads[..(value.Length / Unsafe.SizeOf<UploadSet.Upload>())])
        {
            VirtioGpuTransferHost3d request = upload.ToRequest(id);
            if (_state.Renderer3d!.TransferToHost3d(resource, request) == VIRTIO_GPU_RESP_OK_NODATA)
            {
                _state.Uploads.Upload(resource, request);
            }
            else
            {
                Failures++;
            }
        }

        return true;
    }

    private bool RestoreTile(in JournalKey key, ReadOnlySpan<byte> value)
    {
        int header = Unsafe.SizeOf<UploadSet.Upload>();
        if (value.Length <= header || !_state.Resources.TryGet(key.Owner, out GpuResource? resource) || !resource.Is3d)
        {
            return false;
        }

        UploadSet.Upload tile = MemoryMarshal.Read<UploadSet.Upload>(value);
        ReadOnlySpan<byte> contents = value[header..];
        TileSet tiles = resource.Tiles ??= new TileSet();
        if (!TileSet.TryIndex(tile, out ulong index) || index != key.Index || tiles.Bytes + contents.Length > TileSet.MaxBytes
            || _state.Renderer3d!.Fill(resource, tile.ToRequest(resource.Id), contents) != VIRTIO_GPU_RESP_OK_NODATA)
        {
            return false;
        }

        tiles.Add(index, tile, contents.Length);
        return true;
    }

    private bool RestoreScanout(uint id, in ScanoutRecord record)
    {
        var request = new VirtioGpuSetScanout { ScanoutId = id, ResourceId = record.ResourceId, R = record.Area };
        if (record.ResourceId == 0 || _commands.Display.SetScanout(request) != VIRTIO_GPU_RESP_OK_NODATA)
        {
            return false;
        }

        // What was rendered is lost. Until the guest has rendered again, the display's last frame is better.
        _state.Scanouts[id].IsStale = _state.Scanouts[id].Resource is { Is3d: true, Uploads: null };
        return true;
    }

    private void RestoreCursors()
    {
        for (int i = 0; i < Math.Min(_state.Scanouts.Count, JournalMemory.CursorCount); i++)
        {
            JournalMemory.CursorFields cursor = _journal.Cursors[i];
            if (cursor.ResourceId == 0)
            {
                continue;
            }

            var request = new VirtioGpuUpdateCursor
            {
                Pos = { ScanoutId = (uint)i, X = cursor.X, Y = cursor.Y },
                ResourceId = cursor.ResourceId,
                HotX = cursor.HotX,
                HotY = cursor.HotY,
            };
            if (_cursors.Execute(request, moveOnly: false) != VIRTIO_GPU_RESP_OK_NODATA)
            {
                _journal.Cursors[i].ResourceId = 0;
                Failures++;
            }
        }
    }
}
