using System.Diagnostics.CodeAnalysis;
using SplitVmm.GpuProcess.Protocol;
using SplitVmm.GpuProcess.Resources;
using SplitVmm.Platform.Descriptors;

namespace SplitVmm.GpuProcess.Blobs;

/// <summary>A renderer whose contexts have memory of their own to give out as blobs.</summary>
internal interface IBlobRenderer
{
    /// <summary>Makes a blob. The context in the header exists, or the memory is the guest's.</summary>
    /// <param name="backing">The guest's pages, at least as many bytes as the blob; null without guest memory.</param>
    VirtioGpuCtrlType CreateBlob(in VirtioGpuResourceCreateBlob request, GuestBacking? backing, out BlobResource? resource);

    /// <summary>Gives a descriptor of the blob's memory that another process can map.</summary>
    /// <param name="why">If there is none: the reason, in one line.</param>
    bool TryExport(BlobResource resource, [NotNullWhen(true)] out Descriptor? file, out VirtioGpuMapInfo cache, out string why);
}
