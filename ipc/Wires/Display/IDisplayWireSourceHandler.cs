using SplitVmm.Wires.Framing;

namespace SplitVmm.Wires.Display;

/// <summary>
/// What gpu-process does with what arrives from the display. All on the event loop's thread; every value has
/// been checked. The wire may be disposed from inside.
/// </summary>
public interface IDisplayWireSourceHandler
{
    /// <summary>The hellos agree: sends are possible from now on.</summary>
    void OnReady(DisplayTransports transports);

    void OnOutputInfo(in OutputInfo info);

    /// <summary>A frame of the scanout's current generation is done. Late answers to older generations are dropped before.</summary>
    void OnFrameDone(in FrameDone done);

    /// <summary>A dma-buf of the scanout's current generation cannot be shown: it needs memfds. Comes only after one was sent.</summary>
    void OnBufferRefused(uint scanout) => throw new NotSupportedException();

    /// <summary>A send returned <c>WouldBlock</c> earlier; there is room again.</summary>
    void OnWritable();

    /// <summary>The display is gone: it closed its end (null) or broke the protocol.</summary>
    void OnClosed(WireError? violation);
}
