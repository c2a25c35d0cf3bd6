using System.Runtime.InteropServices;

namespace SplitVmm.VmmCore.VirtioConsole;

/// <summary><c>struct virtio_console_control</c> (virtio 1.3 section 5.3.6.2); a name may follow it.</summary>
[StructLayout(LayoutKind.Explicit, Size = 8)]
public struct VirtioConsoleControl
{
    /// <summary>The number of the port.</summary>
    [FieldOffset(0)] public uint Id;

    [FieldOffset(4)] public VirtioConsoleEvent Event;

    /// <summary>0 or 1, where the event has a value.</summary>
    [FieldOffset(6)] public ushort Value;
}
