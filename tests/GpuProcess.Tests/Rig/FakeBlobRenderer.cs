using System.Diagnostics.CodeAnalysis;
using SplitVmm.GpuProcess.Blobs;
using SplitVmm.GpuProcess.Fences;
using SplitVmm.GpuProcess.Protocol;
using SplitVmm.GpuProcess.Resources;
using SplitVmm.Platform.Descriptors;

namespace SplitVmm.GpuProcess.Tests.Rig;

/// <summary>A <see cref="FakeRenderer3d"/> whose contexts have memory to give out: a memfd for each blob.</summary>
internal sealed class FakeBlobRenderer(RetiredFences retired) : FakeRenderer3d(retired), IBlobRenderer
{
    /// <summary>What was asked for, with the bytes of the guest's pages that came along.</summary>
    public List<(VirtioGpuResourceCreateBlob Request, ulong BackingBytes)> Blobs { get; } = [];

    /// <summary>What the next creations end with.</summary>
    public VirtioGpuCtrlType Outcome { get; set; } = VirtioGpuCtrlType.VIRTIO_GPU_RESP_OK_NODATA;

    /// <summary>Why nothing is exported; null: it is.</summary>
    public string? KeepsMemory { get; set; }

    public VirtioGpuMapInfo Cache { get; set; } = VirtioGpuMapInfo.VIRTIO_GPU_MAP_CACHE_WC;

    public VirtioGpuCtrlType CreateBlob(in VirtioGpuResourceCreateBlob request, GuestBacking? backing, out BlobResource? resource)
    {
        Blobs.Add((request, backing?.Length ?? 0));
        resource = Outcome == VirtioGpuCtrlType.VIRTIO_GPU_RESP_OK_NODATA
            ? new BlobResource(request.ResourceId, request.BlobMem, request.BlobFlags, request.Size)
            : null;
        return Outcome;
    }

    public bool TryExport(BlobResource resource, [NotNullWhen(true)] out Descriptor? file, out VirtioGpuMapInfo cache, out string why)
    {
        cache = Cache;
        why = KeepsMemory ?? "";
        file = KeepsMemory is null ? MemFd.Create("test-blob", (long)resource.MappedSize, Seals.F_SEAL_SHRINK | Seals.F_SEAL_GROW) : null;
        return file is not null;
    }
}
