using SplitVmm.Platform.Descriptors;
using SplitVmm.Wires.Framing;

namespace SplitVmm.Wires.Display;

/// <summary>
/// What display-process does with what arrives. All on the event loop's thread; every value has been checked.
/// The wire may be disposed from inside.
/// </summary>
public interface IDisplayWireSinkHandler
{
    /// <summary>The hellos agree. Output infos may have been set before; they go out now.</summary>
    void OnReady(DisplayTransports transports);

    /// <summary>A scanout has new buffers.</summary>
    /// <param name="memory">A memfd that cannot shrink below what the configuration needs; the handler's to dispose.</param>
    void OnScanoutSet(in ScanoutConfiguration configuration, Descriptor memory);

    /// <summary>A scanout has dma-bufs from now on, which follow. Comes only to a sink that announced formats.</summary>
    void OnDmaBufScanoutSet(in DmaBufConfiguration configuration) => throw new NotSupportedException();

    /// <summary>A buffer of the current configuration of dma-bufs.</summary>
    /// <param name="planes">As many dma-bufs as the configuration has planes, each large enough; closed after the call.</param>
    /// <returns>False: it cannot be shown, and the source is told.</returns>
    bool OnBufferSet(in DmaBufBuffer buffer, ReadOnlySpan<Descriptor> planes) => throw new NotSupportedException();

    /// <summary>A buffer that no further frame shows; the last one may still.</summary>
    void OnBufferForgotten(uint scanout, uint buffer) => throw new NotSupportedException();

    void OnScanoutDisabled(uint scanout);

    /// <summary>
    /// A frame of the current configuration. The first one of a generation is to be taken as a whole, whatever
    /// its damage. Each is answered by <see cref="DisplayWireSink.CompleteFrame"/>, now or later.
    /// </summary>
    void OnFrame(in Frame frame, ReadOnlySpan<DamageRectangle> damage);

    /// <param name="memory">A memfd that cannot shrink below Stride * Height; the handler's to dispose.</param>
    void OnCursorImage(in CursorImage image, Descriptor memory);

    void OnCursorMoved(in CursorPosition position);

    void OnCursorHidden(uint scanout);

    /// <summary>The source is gone: it closed its end (null) or broke the protocol.</summary>
    void OnClosed(WireError? violation);
}
