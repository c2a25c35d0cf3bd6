using System.Buffers.Binary;
using System.IO.Compression;

namespace SplitVmm.DesktopService.Recording;

/// <summary>
/// Reads the one kind of PNG that display-process writes: 24-bit pixels, no filters, one IDAT. The process is not trusted, and
/// what comes after this reader is a program in C with the user's rights: only pixels get there, no file.
/// </summary>
internal static class PlainPng
{
    /// <summary>Bytes; more has no picture that the screen shows.</summary>
    public const long LargestFile = 1 << 30;

    /// <summary>Of a scanout (docs/display.md).</summary>
    private const int LargestSide = 16384;

    /// <summary>1 GiB of 32-bit pixels, also that of a scanout.</summary>
    private const long MostPixels = 1 << 28;

    private const int HeaderSize = 13;

    // Length, type, and the checksum behind the data.
    private const int ChunkFrame = 12;

    private static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <returns>Null: it is no such picture.</returns>
    public static RawPicture? Read(byte[] file)
    {
        if (!file.AsSpan().StartsWith(Signature))
        {
            return null;
        }

        ReadOnlyMemory<byte> rest = file.AsMemory(Signature.Length);
        if (!TryTake(ref rest, "IHDR"u8, out ReadOnlyMemory<byte> header) || header.Length != HeaderSize
            || !header.Span[8..].SequenceEqual<byte>([8, 2, 0, 0, 0])
            || !TryTake(ref rest, "IDAT"u8, out ReadOnlyMemory<byte> data)
            || !TryTake(ref rest, "IEND"u8, out ReadOnlyMemory<byte> end) || end.Length != 0)
        {
            return null;
        }

        int width = BinaryPrimitives.ReadInt32BigEndian(header.Span);
        int height = BinaryPrimitives.ReadInt32BigEndian(header.Span[4..]);
        return width is > 0 and <= LargestSide && height is > 0 and <= LargestSide && (long)width * height <= MostPixels
            ? Inflate(data, width, height)
            : null;
    }

    private static RawPicture? Inflate(ReadOnlyMemory<byte> data, int width, int height)
    {
        int stride = width * RawPicture.BytesPerPixel;
        // Deflate makes at most a thousandfold of its input: no small file asks for much memory.
        if ((long)stride * height > data.Length * 1032L)
        {
            return null;
        }

        var pixels = new byte[stride * height];
        using var zlib = new ZLibStream(new MemoryStream(data.ToArray(), writable: false), CompressionMode.Decompress);
        try
        {
            for (int row = 0; row < height; row++)
            {
                if (zlib.ReadByte() != 0)
                {
                    return null;
                }

                zlib.ReadExactly(pixels, row * stride, stride);
            }

            return zlib.ReadByte() < 0 ? new RawPicture(width, height, pixels) : null;
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            return null;
        }
    }

    // The checksum guards against disks and networks, of which there are none in between.
    private static bool TryTake(ref ReadOnlyMemory<byte> rest, ReadOnlySpan<byte> type, out ReadOnlyMemory<byte> data)
    {
        data = default;
        if (rest.Length < ChunkFrame || !rest.Span[4..8].SequenceEqual(type)
            || BinaryPrimitives.ReadUInt32BigEndian(rest.Span) is var length && length > (uint)(rest.Length - ChunkFrame))
        {
            return false;
        }

        data = rest.Slice(8, (int)length);
        rest = rest[(ChunkFrame + (int)length)..];
        return true;
    }
}
