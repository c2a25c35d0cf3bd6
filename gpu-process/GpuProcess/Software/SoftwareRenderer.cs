using SplitVmm.GpuProcess.Protocol;
using SplitVmm.GpuProcess.Rendering;
using SplitVmm.GpuProcess.Resources;

namespace SplitVmm.GpuProcess.Software;

/// <summary>2D without any graphics library: pictures are plain memory.</summary>
internal sealed unsafe class SoftwareRenderer : IRenderer
{
    public RendererIdentity Identity => RendererIdentity.None;

    public VirtioGpuCtrlType Create2d(in VirtioGpuResourceCreate2d request, ulong hostBytes, out GpuResource? resource)
    {
        try
        {
            resource = new SoftwareResource(request.ResourceId, request.Width, request.Height, (uint)request.Format)
            {
                HostBytes = hostBytes,
            };
            return VirtioGpuCtrlType.VIRTIO_GPU_RESP_OK_NODATA;
        }
        catch (OutOfMemoryException)
        {
            resource = null;
            return VirtioGpuCtrlType.VIRTIO_GPU_RESP_ERR_OUT_OF_MEMORY;
        }
    }

    public void Destroy(GpuResource resource) => ((SoftwareResource)resource).Dispose();

    public VirtioGpuCtrlType AttachBacking(GpuResource resource, GuestBacking backing) =>
        VirtioGpuCtrlType.VIRTIO_GPU_RESP_OK_NODATA;

    public void DetachBacking(GpuResource resource)
    {
    }

    public VirtioGpuCtrlType TransferToHost2d(GpuResource resource, in VirtioGpuTransferToHost2d request)
    {
        var image = (SoftwareResource)resource;
        GuestBacking backing = image.Backing!;
        VirtioGpuRect area = request.R;
        if (area.IsEmpty)
        {
            return VirtioGpuCtrlType.VIRTIO_GPU_RESP_OK_NODATA;
        }

        // The backing has the rows of the whole resource; the offset is that of the rectangle's first pixel.
        nuint rowBytes = area.Width * PixelFormats.BytesPerPixel;
        ulong extent = ((area.Height - 1) * (ulong)image.Stride) + rowBytes;
        if (request.Offset > backing.Length || extent > backing.Length - request.Offset)
        {
            return VirtioGpuCtrlType.VIRTIO_GPU_RESP_ERR_INVALID_PARAMETER;
        }

        var reader = new BackingReader(backing);
        // The rectangle lies inside the image, which has Height rows of Stride bytes.
        byte* destination = image.Pixels + ((nuint)area.Y * image.Stride) + ((nuint)area.X * PixelFormats.BytesPerPixel);
        if (rowBytes == image.Stride)
        {
            reader.Copy(request.Offset, destination, rowBytes * area.Height);
            return VirtioGpuCtrlType.VIRTIO_GPU_RESP_OK_NODATA;
        }

        for (uint row = 0; row < area.Height; row++)
        {
            reader.Copy(request.Offset + (row * (ulong)image.Stride), destination, rowBytes);
            destination += image.Stride;
        }

        return VirtioGpuCtrlType.VIRTIO_GPU_RESP_OK_NODATA;
    }

    public bool TryReadPixels(GpuResource resource, in VirtioGpuRect area, byte* destination, uint stride)
    {
        var image = (SoftwareResource)resource;
        nuint rowBytes = area.Width * PixelFormats.BytesPerPixel;
        // The rectangle lies inside the image, and the caller made room for its rows.
        byte* source = image.Pixels + ((nuint)area.Y * image.Stride) + ((nuint)area.X * PixelFormats.BytesPerPixel);
        for (uint row = 0; row < area.Height; row++)
        {
            Buffer.MemoryCopy(source, destination, rowBytes, rowBytes);
            source += image.Stride;
            destination += stride;
        }

        return true;
    }

    public void Reset()
    {
    }

    public void Dispose()
    {
    }
}
