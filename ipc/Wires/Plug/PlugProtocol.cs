namespace SplitVmm.Wires.Plug;

/// <summary>
/// Numbers of the plug wire, version 1. Over it the supervisor hands a running process the end of a new wire, when
/// the process at the other end was started again, or has just come. It goes one way: the supervisor speaks, and reads nothing from a
/// process that a guest may have taken over.
/// </summary>
public static class PlugProtocol
{
    /// <summary>"SVPLUGS\0" in memory order.</summary>
    public const ulong Magic = 0x0053_4755_4C50_5653;

    public const uint Version = 1;

    /// <summary>Bytes of the largest message.</summary>
    public const int MaxMessageSize = 8 + 16;
}
