using SplitVmm.Wires.Framing;

namespace SplitVmm.Wires.Input;

/// <summary>What vmm-core does with input. All on the event loop's thread. The wire may be disposed from inside.</summary>
public interface IInputWireSinkHandler
{
    /// <summary>
    /// One whole report, checked by <see cref="InputValidation"/>, SYN_REPORT at its end. The span is valid during
    /// the call only.
    /// </summary>
    void OnEvents(InputDeviceKind device, ReadOnlySpan<InputEvent> events);

    /// <summary>
    /// The source is gone: it closed its end (null) or broke the protocol. Keys that it held down are to be
    /// released by the handler.
    /// </summary>
    void OnClosed(WireError? violation);
}
