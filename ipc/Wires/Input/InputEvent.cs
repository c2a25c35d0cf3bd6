using System.Runtime.InteropServices;

namespace SplitVmm.Wires.Input;

/// <summary>
/// One event with the numbers of <c>linux/input-event-codes.h</c>, laid out as <c>struct virtio_input_event</c>
/// (virtio 1.3 section 5.8.6), so that it can go to the guest as it is.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 8)]
public struct InputEvent
{
    public InputEvent(ushort type, ushort code, int value)
    {
        Type = type;
        Code = code;
        Value = value;
    }

    [FieldOffset(0)] public ushort Type;
    [FieldOffset(2)] public ushort Code;
    [FieldOffset(4)] public int Value;
}
