using SplitVmm.Wires.Framing;

namespace SplitVmm.Wires.Input;

/// <summary>What display-process does with what vmm-core says. All on the event loop's thread.</summary>
public interface IInputWireSourceHandler
{
    /// <summary>The hellos agree: sends are possible from now on.</summary>
    void OnReady();

    /// <summary>All lights of the keyboard.</summary>
    void OnLeds(LedStates lit);

    /// <summary>A send returned <c>WouldBlock</c> earlier; there is room again.</summary>
    void OnWritable();

    /// <summary>The guest's side is gone: it closed its end (null) or broke the protocol.</summary>
    void OnClosed(WireError? violation);
}
