using SplitVmm.GpuProcess.Resources;

namespace SplitVmm.GpuProcess.DmaBufs;

/// <summary>A renderer that can give away the pixels of resources that are no blobs.</summary>
internal interface IPictureExporter
{
    /// <param name="why">If there is none: the reason, in one line.</param>
    ExportedPicture? TryExportPicture(GpuResource resource, out string why);

    /// <summary>Makes what was drawn so far visible to those who have the dma-buf.</summary>
    void FlushPictures();
}
