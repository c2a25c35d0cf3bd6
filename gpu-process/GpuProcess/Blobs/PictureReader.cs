using SplitVmm.GpuProcess.Protocol;
using SplitVmm.GpuProcess.Rendering;
using SplitVmm.GpuProcess.Resources;
using SplitVmm.Platform.Descriptors;

namespace SplitVmm.GpuProcess.Blobs;

/// <summary>Reads pixels of whatever a scanout or a cursor shows.</summary>
internal sealed unsafe class PictureReader(IRenderer renderer)
{
    /// <summary>Copies a rectangle, top row first.</summary>
    /// <param name="layout">How the picture lies in a blob, which it was checked for; null: the resource is no blob.</param>
    /// <param name="area">Lies inside the picture.</param>
    /// <param name="destination">Where the rectangle's first pixel goes.</param>
    /// <param name="stride">Bytes from one row of the destination to the next, at least the rectangle's.</param>
    /// <returns>False if the pixels cannot be read.</returns>
    public bool TryRead(GpuResource resource, in BlobLayout? layout, in VirtioGpuRect area, byte* destination, uint stride)
    {
        if (layout is not { } picture)
        {
            return renderer.TryReadPixels(resource, area, destination, stride);
        }

        var blob = (BlobResource)resource;
        ulong first = picture.Offset + ((ulong)area.Y * picture.Stride) + ((ulong)area.X * PixelFormats.BytesPerPixel);
        nuint row = (nuint)area.Width * PixelFormats.BytesPerPixel;
        // The layout lies inside the blob, and the blob's memory has at least its size.
        if (blob.Backing is { } backing)
        {
            var reader = new BackingReader(backing);
            for (uint y = 0; y < area.Height; y++)
            {
                reader.Copy(first + ((ulong)y * picture.Stride), destination, row);
                destination += stride;
            }

            return true;
        }

        byte* pixels = blob.BeginReading();
        if (pixels is null && TryMakeView(blob))
        {
            pixels = blob.BeginReading();
        }

        if (pixels is null)
        {
            return false;
        }

        for (uint y = 0; y < area.Height; y++)
        {
            Buffer.MemoryCopy(pixels + first + ((ulong)y * picture.Stride), destination, row, row);
            destination += stride;
        }

        blob.EndReading();
        return true;
    }

    // Made at the first look, and kept: a picture is read at every flush.
    private bool TryMakeView(BlobResource blob)
    {
        if (blob.View is null && blob.IsInRenderer && renderer is IBlobRenderer blobs
            && blobs.TryExport(blob, out Descriptor? file, out _, out _))
        {
            blob.View = BlobView.TryCreate(file, blob.MappedSize);
        }

        return blob.View is not null;
    }
}
