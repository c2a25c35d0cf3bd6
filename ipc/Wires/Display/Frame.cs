using System.Runtime.InteropServices;

namespace SplitVmm.Wires.Display;

/// <summary>
/// A buffer is complete and is to be shown. The source does not write to it again before its
/// <see cref="FrameDone"/>. <see cref="DamageCount"/> times <see cref="DamageRectangle"/> follows. A dma-buf that is still
/// drawn to comes with a sync file, which the sink waits for.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 32)]
public struct Frame
{
    [FieldOffset(0)] public uint Scanout;

    /// <summary>That of the scanout's current <see cref="ScanoutConfiguration"/>.</summary>
    [FieldOffset(4)] public uint Generation;

    /// <summary>Below the configuration's BufferCount, and not in use by an earlier frame.</summary>
    [FieldOffset(8)] public uint Buffer;

    /// <summary>1 to <see cref="DisplayProtocol.MaxDamageRectangles"/>; filled in by the source class.</summary>
    [FieldOffset(12)] public uint DamageCount;

    /// <summary>Chosen by the source; comes back in <see cref="FrameDone"/>.</summary>
    [FieldOffset(16)] public ulong Sequence;

    /// <summary>
    /// CLOCK_MONOTONIC in nanoseconds when the guest asked for it to be shown, 0: unknown. The sink measures by it and nothing else.
    /// </summary>
    [FieldOffset(24)] public long Flushed;
}
