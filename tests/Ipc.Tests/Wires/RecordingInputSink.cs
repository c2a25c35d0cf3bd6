using SplitVmm.Wires.Framing;
using SplitVmm.Wires.Input;

namespace SplitVmm.Ipc.Tests.Wires;

/// <summary>A vmm-core that notes what it was told.</summary>
internal sealed class RecordingInputSink : IInputWireSinkHandler
{
    public List<string> Log { get; } = [];

    public int Reports { get; private set; }

    public bool AllEndedWithReport { get; private set; } = true;

    public bool IsClosed { get; private set; }

    public WireError? Violation { get; private set; }

    public void OnEvents(InputDeviceKind device, ReadOnlySpan<InputEvent> events)
    {
        Reports++;
        AllEndedWithReport &= events[^1] is { Type: EventCodes.EV_SYN, Code: EventCodes.SYN_REPORT, Value: 0 };
        string line = device.ToString();
        foreach (InputEvent item in events)
        {
            line += $" {item.Type}/{item.Code}/{item.Value}";
        }

        Log.Add(line);
    }

    public void OnClosed(WireError? violation)
    {
        IsClosed = true;
        Violation = violation;
    }

    public void Reset()
    {
        Log.Clear();
        IsClosed = false;
        Violation = null;
    }
}
