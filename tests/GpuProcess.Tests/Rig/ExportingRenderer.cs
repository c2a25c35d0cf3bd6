using SplitVmm.GpuProcess.DmaBufs;
using SplitVmm.GpuProcess.Protocol;
using SplitVmm.GpuProcess.Rendering;
using SplitVmm.GpuProcess.Resources;
using SplitVmm.GpuProcess.Software;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Wires.Display;

namespace SplitVmm.GpuProcess.Tests.Rig;

/// <summary>2D in software, whose pictures a driver seems to export: memfds stand for its dma-bufs.</summary>
internal sealed unsafe class ExportingRenderer : IRenderer, IPictureExporter
{
    private readonly SoftwareRenderer _inner = new();

    /// <summary>The modifier of its pictures.</summary>
    public ulong Modifier { get; init; }

    /// <summary>Whether the first row of its pictures is the top one.</summary>
    public bool IsUpright { get; init; } = true;

    /// <summary>Planes of its pictures, all of them as large as the first.</summary>
    public int PlaneCount { get; init; } = 1;

    public bool IsOrdinaryMemory { get; init; } = true;

    /// <summary>A dma-buf that every picture is in, in place of memory of its own; disposed with the first.</summary>
    public Descriptor? Memory { get; init; }

    public int Exports { get; private set; }

    public RendererIdentity Identity => _inner.Identity;

    public ExportedPicture? TryExportPicture(GpuResource resource, out string why)
    {
        Exports++;
        why = "";
        uint stride = resource.Width * PixelFormats.BytesPerPixel;
        return new ExportedPicture(
            [.. Enumerable.Range(0, PlaneCount).Select(_ => Memory ?? MemFd.Create("exported", stride * resource.Height, Seals.F_SEAL_SHRINK))])
        {
            Format = PixelFormats.ToFourcc(resource.Format),
            Modifier = Modifier,
            Flags = IsUpright ? ScanoutFlags.Y0Top : ScanoutFlags.None,
            Planes = [.. Enumerable.Repeat(new DmaBufPlane { Stride = stride }, PlaneCount)],
            IsOrdinaryMemory = IsOrdinaryMemory,
        };
    }

    public void FlushPictures()
    {
    }

    public VirtioGpuCtrlType Create2d(in VirtioGpuResourceCreate2d request, ulong hostBytes, out GpuResource? resource) =>
        _inner.Create2d(request, hostBytes, out resource);

    public void Destroy(GpuResource resource) => _inner.Destroy(resource);

    public VirtioGpuCtrlType AttachBacking(GpuResource resource, GuestBacking backing) => _inner.AttachBacking(resource, backing);

    public void DetachBacking(GpuResource resource) => _inner.DetachBacking(resource);

    public VirtioGpuCtrlType TransferToHost2d(GpuResource resource, in VirtioGpuTransferToHost2d request) =>
        _inner.TransferToHost2d(resource, request);

    public bool TryReadPixels(GpuResource resource, in VirtioGpuRect area, byte* destination, uint stride) =>
        _inner.TryReadPixels(resource, area, destination, stride);

    public void Reset() => _inner.Reset();

    public void Dispose() => _inner.Dispose();
}
