using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SplitVmm.GpuProcess.Blobs;
using SplitVmm.GpuProcess.Protocol;
using SplitVmm.GpuProcess.Replay;
using SplitVmm.GpuProcess.Resources;
using SplitVmm.GpuProcess.Scanouts;

namespace SplitVmm.GpuProcess.Journal;

/// <summary>Resources, what fills them, and what shows them.</summary>
internal sealed partial class GpuJournal
{
    public void ResourceCreated(uint id, in ResourceRecord record)
    {
        if (IsWriting)
        {
            _ = Log.TryPut(new JournalKey(JournalKind.Resource, id), record);
        }
    }

    public void ResourceDestroyed(GpuResource resource)
    {
        if (!IsWriting)
        {
            return;
        }

        foreach (uint context in resource.Contexts)
        {
            Log.Remove(new JournalKey(JournalKind.Attachment, context, 0, resource.Id));
        }

        if (resource.Tiles is { } tiles)
        {
            foreach (ulong index in tiles.Indices)
            {
                Log.Remove(new JournalKey(JournalKind.Tile, resource.Id, 0, index));
            }
        }

        Log.Remove(new JournalKey(JournalKind.Page, resource.Id));
        Log.Remove(new JournalKey(JournalKind.Uuid, resource.Id));
        Log.Remove(new JournalKey(JournalKind.Uploads, resource.Id));
        Log.Remove(new JournalKey(JournalKind.Backing, resource.Id));
        Log.Remove(new JournalKey(JournalKind.Resource, resource.Id));
    }

    public void UuidAssigned(GpuResource resource)
    {
        if (IsWriting)
        {
            Span<byte> bytes = stackalloc byte[16];
            _ = resource.Uuid!.Value.TryWriteBytes(bytes);
            _ = Log.TryPut(new JournalKey(JournalKind.Uuid, resource.Id), bytes);
        }
    }

    public void BackingAttached(GpuResource resource)
    {
        if (!IsWriting)
        {
            return;
        }

        if (resource is BlobResource blob)
        {
            BlobBackingAttached(blob);
            return;
        }

        GuestBacking backing = resource.Backing!;
        var key = new JournalKey(JournalKind.Backing, resource.Id);
        BackingEncoding encoding = BackingEncoding.Choose(backing.Entries);
        if (Log.TryBegin(key, encoding.Length, out Span<byte> room))
        {
            encoding.Write(backing.Entries, room);
            Log.End(key, encoding.Length);
        }
    }

    /// <summary>A blob of guest memory is nothing without its pages. One of the host goes with this process.</summary>
    private void BlobBackingAttached(BlobResource blob)
    {
        if (blob.Mem != VirtioGpuBlobMem.VIRTIO_GPU_BLOB_MEM_GUEST)
        {
            return;
        }

        var key = new JournalKey(JournalKind.Blob, blob.Id);
        var encoding = BackingEncoding.Choose(blob.Backing!.Entries);
        int length = Unsafe.SizeOf<BlobRecord>() + encoding.Length;
        if (Log.TryBegin(key, length, out Span<byte> room))
        {
            MemoryMarshal.Write(room, BlobRecord.Of(blob));
            encoding.Write(blob.Backing.Entries, room[Unsafe.SizeOf<BlobRecord>()..]);
            Log.End(key, length);
        }
    }

    /// <summary>A blob in which the guest waits is mapped now, or no longer. Others come to nothing without this process.</summary>
    public void WaitingPlaceChanged(BlobResource blob)
    {
        if (!IsWriting)
        {
            return;
        }

        var key = new JournalKey(JournalKind.Page, blob.Id);
        if (blob.MappedAt is { } offset)
        {
            _ = Log.TryPut(key, new PageRecord { Size = blob.Size, Offset = offset });
        }
        else
        {
            Log.Remove(key);
        }
    }

    public void BackingDetached(GpuResource resource)
    {
        if (IsWriting)
        {
            Log.Remove(new JournalKey(JournalKind.Blob, resource.Id));
            Log.Remove(new JournalKey(JournalKind.Backing, resource.Id));
            Log.Remove(new JournalKey(JournalKind.Uploads, resource.Id));
            resource.Uploads?.Clear();
        }
    }

    /// <summary>The resource was filled from guest pages that were not known of yet.</summary>
    public void UploadsChanged(GpuResource resource)
    {
        if (IsWriting)
        {
            _ = Log.TryPut(new JournalKey(JournalKind.Uploads, resource.Id), MemoryMarshal.AsBytes(resource.Uploads!.Uploads));
        }
    }

    /// <summary>Whether contents of resources, which are of all things the least needed, may take so many bytes more.</summary>
    public bool HasRoomForContents(int bytes) => IsWriting && Log.LiveBytes + bytes < _memory.AreaSize / 2;

    /// <summary>A part of a resource was filled with bytes that will not be found anywhere else.</summary>
    public void TileWritten(GpuResource resource, ulong index, in UploadSet.Upload tile, ReadOnlySpan<byte> contents)
    {
        var key = new JournalKey(JournalKind.Tile, resource.Id, 0, index);
        int length = Unsafe.SizeOf<UploadSet.Upload>() + contents.Length;
        if (IsWriting && Log.TryBegin(key, length, out Span<byte> room))
        {
            MemoryMarshal.Write(room, in tile);
            contents.CopyTo(room[Unsafe.SizeOf<UploadSet.Upload>()..]);
            Log.End(key, length);
        }
    }

    /// <summary>The same from guest pages that are not the resource's own.</summary>
    /// <param name="offset">With <paramref name="size"/> a range inside the backing.</param>
    public unsafe void TileWritten(
        GpuResource resource, ulong index, in UploadSet.Upload tile, GuestBacking source, ulong offset, int size)
    {
        var key = new JournalKey(JournalKind.Tile, resource.Id, 0, index);
        int length = Unsafe.SizeOf<UploadSet.Upload>() + size;
        if (IsWriting && Log.TryBegin(key, length, out Span<byte> room))
        {
            MemoryMarshal.Write(room, in tile);
            var reader = new BackingReader(source);
            // The room has size bytes behind the structure.
            fixed (byte* contents = room[Unsafe.SizeOf<UploadSet.Upload>()..])
            {
                reader.Copy(offset, contents, (nuint)size);
            }

            Log.End(key, length);
        }
    }

    public void TileRemoved(GpuResource resource, ulong index)
    {
        if (IsWriting)
        {
            Log.Remove(new JournalKey(JournalKind.Tile, resource.Id, 0, index));
        }
    }

    public void ScanoutChanged(Scanout scanout)
    {
        if (!IsWriting)
        {
            return;
        }

        var key = new JournalKey(JournalKind.Scanout, scanout.Id);
        var blobKey = new JournalKey(JournalKind.BlobScanout, scanout.Id);
        if (scanout.Layout is { } layout)
        {
            Log.Remove(key);
            _ = Log.TryPut(blobKey, BlobScanoutRecord.Of(scanout, layout));
        }
        else if (scanout.Resource is { } resource)
        {
            Log.Remove(blobKey);
            _ = Log.TryPut(key, new ScanoutRecord { Area = scanout.Area, ResourceId = resource.Id });
        }
        else
        {
            Log.Remove(key);
            Log.Remove(blobKey);
        }
    }

    /// <summary>A command of the cursor queue was carried out.</summary>
    public void CursorChanged(in VirtioGpuUpdateCursor request, bool moveOnly)
    {
        if (!IsWriting)
        {
            return;
        }

        ref JournalMemory.CursorFields cursor = ref _memory.Cursors[(int)request.Pos.ScanoutId];
        if (moveOnly)
        {
            cursor.X = request.Pos.X;
            cursor.Y = request.Pos.Y;
        }
        else
        {
            cursor = JournalMemory.CursorFields.Of(request);
        }
    }
}
