using System.Runtime.InteropServices;

namespace SplitVmm.Wires.Plug;

/// <summary>First message of the supervisor.</summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
public struct PlugHello
{
    /// <summary><see cref="PlugProtocol.Magic"/>.</summary>
    [FieldOffset(0)] public ulong Magic;

    /// <summary><see cref="PlugProtocol.Version"/>; another one is refused.</summary>
    [FieldOffset(8)] public uint Version;

    /// <summary>Zero.</summary>
    [FieldOffset(12)] public uint Reserved;
}
