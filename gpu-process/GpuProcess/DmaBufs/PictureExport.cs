using SplitVmm.GpuProcess.Blobs;

namespace SplitVmm.GpuProcess.DmaBufs;

/// <summary>What came of the attempt to export a resource's picture.</summary>
/// <param name="Picture">Disposed with the resource; null: it cannot be exported.</param>
/// <param name="Layout">What it was made for, if the resource is a blob.</param>
/// <param name="Why">Why there is no picture.</param>
internal sealed record PictureExport(ExportedPicture? Picture, BlobLayout? Layout, string Why);
