using SplitVmm.Wires.Framing;
using SplitVmm.Wires.Input;

namespace SplitVmm.Ipc.Tests.Wires;

/// <summary>A display side of the input wire that notes what it was told.</summary>
internal sealed class RecordingInputSource : IInputWireSourceHandler
{
    public List<LedStates> Leds { get; } = [];

    public bool IsReady { get; private set; }

    public int WritableCalls { get; private set; }

    public bool IsClosed { get; private set; }

    public WireError? Violation { get; private set; }

    public void OnReady() => IsReady = true;

    public void OnLeds(LedStates lit) => Leds.Add(lit);

    public void OnWritable() => WritableCalls++;

    public void OnClosed(WireError? violation)
    {
        IsClosed = true;
        Violation = violation;
    }
}
