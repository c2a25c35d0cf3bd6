using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using SplitVmm.Wires.Display;

namespace SplitVmm.DisplayProcess.Pictures;

/// <summary>
/// Turns rows of any format of the wire into the one format used inside this process: words 0xAARRGGBB, where the
/// top byte of formats without alpha is whatever the source had there.
/// </summary>
internal static class PixelFormats
{
    /// <summary>Whether the top byte means anything after the conversion.</summary>
    public static bool HasAlpha(DrmFourcc format) => format
        is DrmFourcc.DRM_FORMAT_ARGB8888 or DrmFourcc.DRM_FORMAT_ABGR8888
        or DrmFourcc.DRM_FORMAT_BGRA8888 or DrmFourcc.DRM_FORMAT_RGBA8888;

    /// <summary>Converts one row; both spans have the same length.</summary>
    public static void ConvertRow(DrmFourcc format, ReadOnlySpan<uint> source, Span<uint> destination)
    {
        switch (format)
        {
            case DrmFourcc.DRM_FORMAT_XRGB8888 or DrmFourcc.DRM_FORMAT_ARGB8888:
                source.CopyTo(destination);
                break;
            case DrmFourcc.DRM_FORMAT_BGRX8888 or DrmFourcc.DRM_FORMAT_BGRA8888:
                // 0xBBGGRRAA
                BinaryPrimitives.ReverseEndianness(source, destination);
                break;
            case DrmFourcc.DRM_FORMAT_XBGR8888 or DrmFourcc.DRM_FORMAT_ABGR8888:
                SwapRedAndBlue(source, destination);
                break;
            case DrmFourcc.DRM_FORMAT_RGBX8888 or DrmFourcc.DRM_FORMAT_RGBA8888:
                RotateDown(source, destination);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(format), format, "the wire lets no other format through");
        }
    }

    // 0xAABBGGRR
    private static void SwapRedAndBlue(ReadOnlySpan<uint> source, Span<uint> destination)
    {
        var kept = new Vector<uint>(0xFF00_FF00);
        var low = new Vector<uint>(0x0000_00FF);
        int done = 0;
        for (; done <= source.Length - Vector<uint>.Count; done += Vector<uint>.Count)
        {
            var words = new Vector<uint>(source[done..]);
            Vector<uint> swapped = (words & kept) | ((words >>> 16) & low) | ((words & low) << 16);
            swapped.CopyTo(destination[done..]);
        }

        for (; done < source.Length; done++)
        {
            uint word = source[done];
            destination[done] = (word & 0xFF00_FF00) | ((word >> 16) & 0xFF) | ((word & 0xFF) << 16);
        }
    }

    // 0xRRGGBBAA
    private static void RotateDown(ReadOnlySpan<uint> source, Span<uint> destination)
    {
        int done = 0;
        for (; done <= source.Length - Vector<uint>.Count; done += Vector<uint>.Count)
        {
            var words = new Vector<uint>(source[done..]);
            Vector<uint> rotated = (words >>> 8) | (words << 24);
            rotated.CopyTo(destination[done..]);
        }

        for (; done < source.Length; done++)
        {
            destination[done] = BitOperations.RotateRight(source[done], 8);
        }
    }

    /// <summary>A row of a received memory as pixels.</summary>
    public static ReadOnlySpan<uint> AsPixels(ReadOnlySpan<byte> row) => MemoryMarshal.Cast<byte, uint>(row);
}
