using System.Runtime.InteropServices;

namespace SplitVmm.GpuProcess.Protocol;

/// <summary><c>struct virtio_gpu_rect</c> (virtio 1.3 section 5.7.6.8): pixels, (0, 0) is the top left.</summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
public struct VirtioGpuRect : IEquatable<VirtioGpuRect>
{
    [FieldOffset(0)] public uint X;
    [FieldOffset(4)] public uint Y;
    [FieldOffset(8)] public uint Width;
    [FieldOffset(12)] public uint Height;

    public VirtioGpuRect(uint x, uint y, uint width, uint height)
    {
        X = x;
        Y = y;
        Width = width;
        Height = height;
    }

    public readonly bool IsEmpty => Width == 0 || Height == 0;

    public static bool operator ==(in VirtioGpuRect left, in VirtioGpuRect right) => left.Equals(right);

    public static bool operator !=(in VirtioGpuRect left, in VirtioGpuRect right) => !left.Equals(right);

    /// <summary>Whether all of it lies inside a picture of that size, without overflow.</summary>
    public readonly bool FitsIn(uint width, uint height) =>
        X <= width && Width <= width - X && Y <= height && Height <= height - Y;

    /// <summary>The common part; empty if there is none. Both must lie inside some picture, so that no edge overflows.</summary>
    public readonly VirtioGpuRect Intersect(in VirtioGpuRect other)
    {
        uint left = Math.Max(X, other.X);
        uint top = Math.Max(Y, other.Y);
        uint right = Math.Min(X + Width, other.X + other.Width);
        uint bottom = Math.Min(Y + Height, other.Y + other.Height);
        return right > left && bottom > top ? new VirtioGpuRect(left, top, right - left, bottom - top) : default;
    }

    /// <summary>The smallest rectangle around both; an empty one adds nothing.</summary>
    public readonly VirtioGpuRect Union(in VirtioGpuRect other)
    {
        if (IsEmpty || other.IsEmpty)
        {
            return IsEmpty ? other : this;
        }

        uint left = Math.Min(X, other.X);
        uint top = Math.Min(Y, other.Y);
        uint right = Math.Max(X + Width, other.X + other.Width);
        uint bottom = Math.Max(Y + Height, other.Y + other.Height);
        return new VirtioGpuRect(left, top, right - left, bottom - top);
    }

    public readonly bool Equals(VirtioGpuRect other) =>
        X == other.X && Y == other.Y && Width == other.Width && Height == other.Height;

    public override readonly bool Equals(object? obj) => obj is VirtioGpuRect other && Equals(other);

    public override readonly int GetHashCode() => HashCode.Combine(X, Y, Width, Height);

    public override readonly string ToString() => $"{Width}x{Height}+{X}+{Y}";
}
