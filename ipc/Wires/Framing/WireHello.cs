using System.Runtime.InteropServices;

namespace SplitVmm.Wires.Framing;

/// <summary>First message of every end that speaks, on every wire; the display wire's says more (<see cref="Display.DisplayHello"/>).</summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
public struct WireHello
{
    /// <summary>Its message number, on every wire.</summary>
    public const uint Type = 1;

    /// <summary>The wire's.</summary>
    [FieldOffset(0)] public ulong Magic;

    /// <summary>The wire's; another one is refused.</summary>
    [FieldOffset(8)] public uint Version;

    /// <summary>Which end speaks, so that two sockets that were swapped are noticed at once; 0 on the plug wire.</summary>
    [FieldOffset(12)] public uint Role;
}
