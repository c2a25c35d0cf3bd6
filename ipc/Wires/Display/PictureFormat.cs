using System.Runtime.InteropServices;

namespace SplitVmm.Wires.Display;

/// <summary>A kind of dma-buf that a sink can show; follows its <see cref="DisplayHello"/>, as often as that says.</summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
public record struct PictureFormat
{
    [FieldOffset(0)] public DrmFourcc Format;

    /// <summary>Zero.</summary>
    [FieldOffset(4)] public uint Reserved;

    /// <summary>One of <see cref="DrmModifiers"/>, or a driver's own.</summary>
    [FieldOffset(8)] public ulong Modifier;

    public PictureFormat(DrmFourcc format, ulong modifier)
    {
        Format = format;
        Modifier = modifier;
    }
}
