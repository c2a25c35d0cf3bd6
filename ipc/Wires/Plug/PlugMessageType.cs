namespace SplitVmm.Wires.Plug;

/// <summary>Message numbers of the plug wire, all from the supervisor.</summary>
public enum PlugMessageType : uint
{
    /// <summary>First of all: <see cref="Framing.WireHello"/>.</summary>
    Hello = Framing.WireHello.Type,

    /// <summary><see cref="Plug.PlugOrder"/> and one connected socket.</summary>
    Plug = 0x10,
}
