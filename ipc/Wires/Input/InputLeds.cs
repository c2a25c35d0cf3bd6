using System.Runtime.InteropServices;

namespace SplitVmm.Wires.Input;

/// <summary>What the guest shows on the keyboard's lights.</summary>
[StructLayout(LayoutKind.Explicit, Size = 8)]
public struct InputLeds
{
    /// <summary>All lights, not only those that changed.</summary>
    [FieldOffset(0)] public LedStates Lit;

    /// <summary>Zero.</summary>
    [FieldOffset(4)] public uint Reserved;
}
