using System.Runtime.InteropServices;

namespace SplitVmm.Wires.Input;

/// <summary>
/// Starts a batch: one complete report of one device. <see cref="Count"/> times <see cref="InputEvent"/>
/// follows; the last one, and only that, is EV_SYN/SYN_REPORT.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 8)]
public struct InputBatch
{
    [FieldOffset(0)] public InputDeviceKind Device;

    /// <summary>2 to <see cref="InputProtocol.MaxEvents"/>.</summary>
    [FieldOffset(4)] public uint Count;
}
