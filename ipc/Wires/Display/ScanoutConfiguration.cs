using System.Runtime.InteropServices;

namespace SplitVmm.Wires.Display;

/// <summary>
/// A scanout's picture format and where its buffers lie in the memfd that comes with it. The memfd is sealed
/// with F_SEAL_SHRINK at least. Buffer <c>i</c> starts at <c>BufferOffset + i * BufferSize</c>. It replaces
/// whatever the scanout had; frames of the earlier generation that were not done yet count as done.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 48)]
public struct ScanoutConfiguration
{
    /// <summary>Below <see cref="DisplayProtocol.MaxScanouts"/>.</summary>
    [FieldOffset(0)] public uint Scanout;

    /// <summary>Chosen by the source, another one each time; frames name it.</summary>
    [FieldOffset(4)] public uint Generation;

    /// <summary>Pixels, 1 to <see cref="DisplayProtocol.MaxDimension"/>.</summary>
    [FieldOffset(8)] public uint Width;

    /// <summary>Pixels, 1 to <see cref="DisplayProtocol.MaxDimension"/>.</summary>
    [FieldOffset(12)] public uint Height;

    [FieldOffset(16)] public DrmFourcc Format;

    /// <summary>Bytes from one row to the next: a multiple of 4, at least 4 * Width.</summary>
    [FieldOffset(20)] public uint Stride;

    /// <summary>1 to <see cref="DisplayProtocol.MaxBuffers"/>.</summary>
    [FieldOffset(24)] public uint BufferCount;

    [FieldOffset(28)] public ScanoutFlags Flags;

    /// <summary>Bytes into the memfd where buffer 0 starts, a multiple of 4.</summary>
    [FieldOffset(32)] public ulong BufferOffset;

    /// <summary>Bytes from one buffer to the next: a multiple of 4, at least Stride * Height.</summary>
    [FieldOffset(40)] public ulong BufferSize;
}
