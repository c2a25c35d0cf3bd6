using System.Runtime.InteropServices;
using SplitVmm.GpuProcess.Protocol;
using SplitVmm.GpuProcess.Resources;

namespace SplitVmm.GpuProcess.Replay;

/// <summary>
/// Which parts of a 3D resource came from its guest pages, and from where in them: what a new process has to copy to
/// fill the resource again. Copies that lie in one picture in guest memory become one around both.
/// </summary>
internal sealed class UploadSet
{
    /// <summary>One for each level, and some: beyond it the oldest is forgotten.</summary>
    public const int MaxUploads = 20;

    private readonly Upload[] _uploads = new Upload[MaxUploads];
    private int _oldest;

    public ReadOnlySpan<Upload> Uploads => _uploads.AsSpan(0, Count);

    public int Count { get; private set; }

    /// <summary>Takes note of a copy that was made.</summary>
    /// <returns>False if that says nothing new.</returns>
    public bool Add(GpuResource resource, in Upload upload)
    {
        for (int i = 0; i < Count; i++)
        {
            ref Upload known = ref _uploads[i];
            if (known.Level == upload.Level && known.Stride == upload.Stride && known.LayerStride == upload.LayerStride
                && TryJoin(resource, known, upload, out Upload both))
            {
                bool isNew = !both.Equals(known);
                known = both;
                return isNew;
            }
        }

        if (Count < MaxUploads)
        {
            _uploads[Count++] = upload;
        }
        else
        {
            _uploads[_oldest] = upload;
            _oldest = (_oldest + 1) % MaxUploads;
        }

        return true;
    }

    public void Clear() => Count = 0;

    /// <summary>Bytes from the first to the last that a copy reads; 0 if they cannot be told, or are too many to keep.</summary>
    public static ulong SizeOf(GpuResource resource, in Upload upload)
    {
        ulong pixel = FormatSizes.BytesPerPixel(resource.Format);
        if (pixel == 0 || upload.Level > 31 || upload.Width == 0 || upload.Height == 0 || upload.Depth == 0)
        {
            return 0;
        }

        (ulong stride, ulong layer) = Strides(resource, upload, pixel);
        ulong limit = TileSet.MaxBytes;
        ulong rows = upload.Height - 1UL;
        ulong layers = upload.Depth - 1UL;
        bool isLarge = rows * stride > limit || (layers != 0 && (layer > limit || layers > limit));
        ulong size = isLarge ? 0 : (layers * layer) + (rows * stride) + (upload.Width * pixel);
        return size <= limit ? size : 0;
    }

    private static (ulong Stride, ulong Layer) Strides(GpuResource resource, in Upload upload, ulong pixel)
    {
        ulong width = Math.Max(resource.Width >> (int)upload.Level, 1);
        ulong height = Math.Max(resource.Height >> (int)upload.Level, 1);
        ulong stride = upload.Stride != 0 ? upload.Stride : width * pixel;
        return (stride, upload.LayerStride != 0 ? upload.LayerStride : stride * height);
    }

    private static bool TryJoin(GpuResource resource, in Upload one, in Upload other, out Upload both)
    {
        both = one;
        if (one.Equals(other))
        {
            return true;
        }

        ulong pixel = FormatSizes.BytesPerPixel(resource.Format);
        if (pixel == 0 || resource.Backing is not { } backing || one.Level > 31)
        {
            return false;
        }

        (ulong stride, ulong layer) = Strides(resource, one, pixel);
        // Where pixel (0, 0, 0) would lie; wrapping is harmless, as only equality counts.
        ulong origin = one.Offset - one.Distance(stride, layer, pixel);
        if (origin != other.Offset - other.Distance(stride, layer, pixel))
        {
            return false;
        }

        both.X = Math.Min(one.X, other.X);
        both.Y = Math.Min(one.Y, other.Y);
        both.Z = Math.Min(one.Z, other.Z);
        both.Width = Math.Max(one.X + one.Width, other.X + other.Width) - both.X;
        both.Height = Math.Max(one.Y + one.Height, other.Y + other.Height) - both.Y;
        both.Depth = Math.Max(one.Z + one.Depth, other.Z + other.Depth) - both.Z;
        both.Offset = origin + both.Distance(stride, layer, pixel);
        // The corner of both may lie behind the pages, where neither did.
        ulong extent = ((both.Depth - 1UL) * layer) + ((both.Height - 1UL) * stride) + (both.Width * pixel);
        return both.Offset <= backing.Length && extent <= backing.Length - both.Offset;
    }

    /// <summary>A copy from guest pages, as VIRTIO_GPU_CMD_TRANSFER_TO_HOST_3D describes it.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 48)]
    internal struct Upload : IEquatable<Upload>
    {
        [FieldOffset(0)] public ulong Offset;
        [FieldOffset(8)] public uint Level;
        [FieldOffset(12)] public uint Stride;
        [FieldOffset(16)] public uint LayerStride;
        [FieldOffset(20)] public uint X;
        [FieldOffset(24)] public uint Y;
        [FieldOffset(28)] public uint Z;
        [FieldOffset(32)] public uint Width;
        [FieldOffset(36)] public uint Height;
        [FieldOffset(40)] public uint Depth;

        public static Upload Of(in VirtioGpuTransferHost3d request) => new()
        {
            Offset = request.Offset,
            Level = request.Level,
            Stride = request.Stride,
            LayerStride = request.LayerStride,
            X = request.Box.X,
            Y = request.Box.Y,
            Z = request.Box.Z,
            Width = request.Box.W,
            Height = request.Box.H,
            Depth = request.Box.D,
        };

        /// <summary>Of VIRGL_CCMD_TRANSFER3D.</summary>
        public static Upload Of(in VirglCommand command) => new()
        {
            Level = command[2],
            Stride = command[4],
            LayerStride = command[5],
            X = command[6],
            Y = command[7],
            Z = command[8],
            Width = command[9],
            Height = command[10],
            Depth = command[11],
            Offset = command[12],
        };

        public readonly VirtioGpuTransferHost3d ToRequest(uint resource) => new()
        {
            ResourceId = resource,
            Offset = Offset,
            Level = Level,
            Stride = Stride,
            LayerStride = LayerStride,
            Box = { X = X, Y = Y, Z = Z, W = Width, H = Height, D = Depth },
        };

        public readonly ulong Distance(ulong stride, ulong layer, ulong pixel) => unchecked((Z * layer) + (Y * stride) + (X * pixel));

        public readonly bool Equals(Upload other) =>
            Offset == other.Offset && Level == other.Level && Stride == other.Stride && LayerStride == other.LayerStride
            && X == other.X && Y == other.Y && Z == other.Z
            && Width == other.Width && Height == other.Height && Depth == other.Depth;

        public override readonly bool Equals(object? obj) => obj is Upload other && Equals(other);

        public override readonly int GetHashCode() => HashCode.Combine(Offset, Level, X, Y, Z, Width, Height, Depth);
    }
}
