namespace SplitVmm.Wires.Input;

/// <summary>Message numbers of the input wire.</summary>
public enum InputMessageType : uint
{
    /// <summary>Both ways, first of all: <see cref="Framing.WireHello"/>.</summary>
    Hello = Framing.WireHello.Type,

    /// <summary>Source to sink: <see cref="InputBatch"/> and its <see cref="InputEvent"/>s.</summary>
    Events = 0x10,

    /// <summary>Sink to source: <see cref="InputLeds"/>.</summary>
    Leds = 0x80,
}
