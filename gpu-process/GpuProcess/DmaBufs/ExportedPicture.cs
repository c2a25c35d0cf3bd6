using SplitVmm.Platform.Descriptors;
using SplitVmm.Wires.Display;

namespace SplitVmm.GpuProcess.DmaBufs;

/// <summary>A picture whose pixels are in dma-bufs that another process may have.</summary>
/// <param name="files">A dma-buf for each plane; owned from here on.</param>
internal sealed class ExportedPicture(Descriptor[] files) : IDisposable
{
    public required DrmFourcc Format { get; init; }

    public required ulong Modifier { get; init; }

    public required ScanoutFlags Flags { get; init; }

    /// <summary>One for each of <see cref="Files"/>.</summary>
    public required DmaBufPlane[] Planes { get; init; }

    /// <summary>Whether the CPU reads it as fast as any memory.</summary>
    public required bool IsOrdinaryMemory { get; init; }

    public ReadOnlySpan<Descriptor> Files => files;

    public void Dispose()
    {
        foreach (Descriptor file in files)
        {
            file.Dispose();
        }
    }
}
