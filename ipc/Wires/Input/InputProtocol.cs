namespace SplitVmm.Wires.Input;

/// <summary>
/// Numbers of the input wire, version 1. The display-process end is the <see cref="InputWireSource"/> of events,
/// the vmm-core end their <see cref="InputWireSink"/>. Both send <see cref="Framing.WireHello"/> first.
/// </summary>
public static class InputProtocol
{
    /// <summary>"SVINPUT\0" in memory order.</summary>
    public const ulong Magic = 0x0054_5550_4E49_5653;

    public const uint Version = 1;

    /// <summary>Events of one batch.</summary>
    public const int MaxEvents = 64;

    /// <summary>Bytes of the largest message.</summary>
    public const int MaxMessageSize = 8 + 8 + (MaxEvents * 8);

    /// <summary>ABS_X and ABS_Y of the tablet and positions of the touch screen run from 0 to this.</summary>
    public const int AbsoluteMaximum = 0x7FFF;

    /// <summary>Contacts that the touch screen can follow: ABS_MT_SLOT is below this.</summary>
    public const int MaxTouchSlots = 10;
}
