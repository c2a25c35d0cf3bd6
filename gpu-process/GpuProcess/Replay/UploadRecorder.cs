using System.Runtime.InteropServices;
using SplitVmm.GpuProcess.Journal;
using SplitVmm.GpuProcess.Protocol;
using SplitVmm.GpuProcess.Resources;
using static SplitVmm.GpuProcess.Replay.VirglCommandCode;

namespace SplitVmm.GpuProcess.Replay;

/// <summary>
/// Notes for each resource where its contents can be had from again: from its own guest pages, or, where they came
/// from elsewhere and are not large, from the journal.
/// </summary>
internal sealed class UploadRecorder(GpuJournal journal, ResourceTable resources) : IUploadSink
{
    private const uint VIRGL_TRANSFER_TO_HOST = 1;
    private const uint VIRGL_COPY_TRANSFER3D_FLAGS_READ_FROM_HOST = 1 << 1;

    /// <summary>Words before the data of an inline write.</summary>
    private const int InlineHeader = 12;

    /// <summary>A copy by VIRTIO_GPU_CMD_TRANSFER_TO_HOST_3D.</summary>
    public void Upload(GpuResource resource, in VirtioGpuTransferHost3d request) => Add(resource, UploadSet.Upload.Of(request));

    /// <inheritdoc/>
    public void Upload(GpuContext context, in VirglCommand command)
    {
        if (!context.Resources.Contains(command[1]) || !resources.TryGet(command[1], out GpuResource? resource))
        {
            return;
        }

        UploadSet.Upload upload = UploadSet.Upload.Of(command);
        if (command.Code == VIRGL_CCMD_TRANSFER3D && command[13] == VIRGL_TRANSFER_TO_HOST)
        {
            Add(resource, upload);
        }
        else if (command.Code == VIRGL_CCMD_RESOURCE_INLINE_WRITE && command.Words.Length > InlineHeader)
        {
            ReadOnlySpan<byte> data = MemoryMarshal.AsBytes(command.Words[InlineHeader..]);
            ulong size = UploadSet.SizeOf(resource, upload);
            if (size != 0 && size <= (ulong)data.Length && Reserve(resource, upload, (int)size, out ulong index))
            {
                journal.TileWritten(resource, index, upload, data[..(int)size]);
            }
        }
        else if (command.Code == VIRGL_CCMD_COPY_TRANSFER3D && (command[14] & VIRGL_COPY_TRANSFER3D_FLAGS_READ_FROM_HOST) == 0
            && resources.TryGet(command[12], out GpuResource? source) && source.Backing is { } backing)
        {
            ulong size = UploadSet.SizeOf(resource, upload);
            uint offset = command[13];
            // The data lies in another resource's pages, which are soon used for something else.
            if (size != 0 && offset <= backing.Length && size <= backing.Length - offset
                && Reserve(resource, upload, (int)size, out ulong index))
            {
                journal.TileWritten(resource, index, upload, backing, offset, (int)size);
            }
        }
    }

    private void Add(GpuResource resource, in UploadSet.Upload upload)
    {
        resource.Tiles?.RemoveCovered(journal.Log, resource.Id, upload);
        resource.Uploads ??= new UploadSet();
        if (resource.Uploads.Add(resource, upload))
        {
            journal.UploadsChanged(resource);
        }
    }

    /// <summary>Makes room for a part. What lay there before is not to be restored in any case.</summary>
    private bool Reserve(GpuResource resource, in UploadSet.Upload tile, int bytes, out ulong index)
    {
        TileSet tiles = resource.Tiles ??= new TileSet();
        if (!TileSet.TryIndex(tile, out index))
        {
            return false;
        }

        tiles.Remove(index);
        if (tiles.Bytes + bytes > TileSet.MaxBytes || !journal.HasRoomForContents(bytes))
        {
            tiles.RemoveCovered(journal.Log, resource.Id, tile);
            journal.TileRemoved(resource, index);
            return false;
        }

        tiles.Add(index, tile, bytes);
        return true;
    }
}
