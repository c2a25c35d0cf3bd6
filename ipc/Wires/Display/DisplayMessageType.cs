namespace SplitVmm.Wires.Display;

/// <summary>Message numbers of the display wire.</summary>
public enum DisplayMessageType : uint
{
    /// <summary>Both ways, first of all: <see cref="DisplayHello"/>, and the sink's <see cref="PictureFormat"/>s.</summary>
    Hello = Framing.WireHello.Type,

    /// <summary>Source to sink: <see cref="ScanoutConfiguration"/> and one memfd.</summary>
    ScanoutSet = 0x10,

    /// <summary>Source to sink: <see cref="ScanoutReference"/>; the scanout shows nothing any more.</summary>
    ScanoutDisable = 0x11,

    /// <summary>Source to sink: <see cref="Frame"/> and its <see cref="DamageRectangle"/>s; with a dma-buf maybe a sync file.</summary>
    Frame = 0x12,

    /// <summary>Source to sink: <see cref="DmaBufConfiguration"/>.</summary>
    ScanoutSetDmaBuf = 0x13,

    /// <summary>Source to sink: <see cref="DmaBufBuffer"/> and a dma-buf for each plane.</summary>
    BufferSet = 0x14,

    /// <summary>
    /// Source to sink: <see cref="BufferReference"/>; no further frame shows it. The sink lets go of it as soon as it shows
    /// another one.
    /// </summary>
    BufferForget = 0x15,

    /// <summary>Source to sink: <see cref="CursorImage"/> and one memfd.</summary>
    CursorImage = 0x20,

    /// <summary>Source to sink: <see cref="CursorPosition"/>.</summary>
    CursorMove = 0x21,

    /// <summary>Source to sink: <see cref="ScanoutReference"/>; no cursor is shown there until the next image.</summary>
    CursorHide = 0x22,

    /// <summary>Sink to source: <see cref="Display.OutputInfo"/>.</summary>
    OutputInfo = 0x80,

    /// <summary>Sink to source: <see cref="Display.FrameDone"/>.</summary>
    FrameDone = 0x81,

    /// <summary>Sink to source: <see cref="BufferReference"/>; it cannot be shown, and the scanout needs memfds.</summary>
    BufferRefused = 0x82,
}
