using System.Runtime.InteropServices;

namespace SplitVmm.Wires.Framing;

/// <summary>
/// Starts every message of the display, input, agent and plug wires. One seqpacket datagram is one message; all
/// numbers are little-endian, bodies follow at offset 8.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 8)]
public struct WireHeader
{
    /// <summary>What follows; the numbers are those of the wire's own enumeration.</summary>
    [FieldOffset(0)] public uint Type;

    /// <summary>Bytes of the whole message, this header included; must equal the datagram's length.</summary>
    [FieldOffset(4)] public uint Size;
}
