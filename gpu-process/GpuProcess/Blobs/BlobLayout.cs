using SplitVmm.GpuProcess.Protocol;
using SplitVmm.GpuProcess.Resources;

namespace SplitVmm.GpuProcess.Blobs;

/// <summary>How a picture lies in a blob: a blob itself has no size in pixels and no format.</summary>
/// <param name="Width">Pixels.</param>
/// <param name="Stride">Bytes from one row to the next.</param>
/// <param name="Offset">Bytes before the first row.</param>
internal readonly record struct BlobLayout(uint Width, uint Height, uint Format, uint Stride, uint Offset)
{
    /// <summary>What a cursor is: 64 by 64 pixels with alpha (virtio 1.3 section 5.7.6.10).</summary>
    public static BlobLayout Cursor { get; } =
        new(64, 64, (uint)VirtioGpuFormats.VIRTIO_GPU_FORMAT_B8G8R8A8_UNORM, 64 * PixelFormats.BytesPerPixel, 0);

    /// <summary>The picture of a request, whose further planes mean nothing for these formats.</summary>
    public static BlobLayout Of(in VirtioGpuSetScanoutBlob request) =>
        new(request.Width, request.Height, (uint)request.Format, request.Strides[0], request.Offsets[0]);

    /// <summary>Whether it is a picture of a known format that lies inside so many bytes.</summary>
    public bool FitsIn(ulong size, uint maxDimension)
    {
        if (!PixelFormats.IsKnown(Format) || Width == 0 || Height == 0 || Width > maxDimension || Height > maxDimension)
        {
            return false;
        }

        ulong row = (ulong)Width * PixelFormats.BytesPerPixel;
        // Factors of 32 bits each: no overflow.
        return Stride >= row && Offset + ((ulong)(Height - 1) * Stride) + row <= size;
    }
}
