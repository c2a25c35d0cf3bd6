using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SplitVmm.GpuProcess.Journal;
using SplitVmm.GpuProcess.Protocol;
using static SplitVmm.GpuProcess.Protocol.VirtioGpuCtrlType;

namespace SplitVmm.GpuProcess.Recovery;

/// <summary>Blobs of guest memory. Those of the host have gone with the process that had them, but for the pages in which the guest waits.</summary>
internal sealed partial class Restoration
{
    private bool RestoreBlob(uint id, ReadOnlySpan<byte> value)
    {
        int head = Unsafe.SizeOf<BlobRecord>();
        return HasBlobs && value.Length > head
            && BackingEncoding.Read(value[head..], _state.Resources.Limits.MaxBackingEntries) is { } entries
            && _commands.Blobs.Restore(id, MemoryMarshal.Read<BlobRecord>(value), entries) == VIRTIO_GPU_RESP_OK_NODATA;
    }

    private bool RestorePage(uint id, in PageRecord record) =>
        HasBlobs && _commands.Blobs.RestorePage(id, record) == VIRTIO_GPU_RESP_OK_NODATA;

    private bool RestoreBlobScanout(uint id, in BlobScanoutRecord record) =>
        HasBlobs && record.ResourceId != 0 && _commands.Display.SetScanoutBlob(record.ToRequest(id)) == VIRTIO_GPU_RESP_OK_NODATA;

    private bool HasBlobs => _state.Has(VirtioGpuFeatures.VIRTIO_GPU_F_RESOURCE_BLOB);
}
