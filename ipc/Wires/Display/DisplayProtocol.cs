namespace SplitVmm.Wires.Display;

/// <summary>
/// Numbers of the display wire, version 2. The gpu-process end is the <see cref="DisplayWireSource"/> of frames,
/// the display-process end their <see cref="DisplayWireSink"/>. Both send <see cref="DisplayHello"/> first.
/// </summary>
public static class DisplayProtocol
{
    /// <summary>"SVDISPLY" in memory order.</summary>
    public const ulong Magic = 0x594C_5053_4944_5653;

    public const uint Version = 2;

    /// <summary>Scanouts 0 to 15: VIRTIO_GPU_MAX_SCANOUTS of virtio 1.3 section 5.7.</summary>
    public const int MaxScanouts = 16;

    /// <summary>Pixels, width or height of a scanout or an output.</summary>
    public const uint MaxDimension = 16384;

    /// <summary>Bytes from one row to the next.</summary>
    public const uint MaxStride = MaxDimension * 4 * 2;

    /// <summary>Buffers of one scanout: three are enough for a source that never waits.</summary>
    public const uint MaxBuffers = 4;

    /// <summary>Bytes of the memfd of one scanout, offset included.</summary>
    public const ulong MaxFrameMemory = 1UL << 30;

    /// <summary>Damage rectangles of one frame. A source with more sends their bounding box.</summary>
    public const int MaxDamageRectangles = 16;

    /// <summary>Pixels, width or height of a cursor.</summary>
    public const uint MaxCursorDimension = 256;

    /// <summary>Formats with their modifiers that a sink announces.</summary>
    public const int MaxFormats = 256;

    /// <summary>Planes of a picture: one, and what modifiers of compressing drivers add.</summary>
    public const int MaxPlanes = 4;

    /// <summary>Bytes of the largest message, a hello with <see cref="MaxFormats"/>.</summary>
    public const int MaxMessageSize = 8 + 24 + (MaxFormats * 16);

    /// <summary>Bytes of every pixel of every format in <see cref="DrmFourcc"/>.</summary>
    public const uint BytesPerPixel = 4;
}
