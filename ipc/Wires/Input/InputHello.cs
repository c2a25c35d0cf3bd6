using System.Runtime.InteropServices;

namespace SplitVmm.Wires.Input;

/// <summary>First message of both ends.</summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
public struct InputHello
{
    /// <summary><see cref="InputProtocol.Magic"/>.</summary>
    [FieldOffset(0)] public ulong Magic;

    /// <summary><see cref="InputProtocol.Version"/>; another one is refused.</summary>
    [FieldOffset(8)] public uint Version;

    [FieldOffset(12)] public InputRole Role;
}
