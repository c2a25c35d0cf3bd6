using System.Runtime.InteropServices;

namespace SplitVmm.VmmCore.VirtioConsole;

/// <summary><c>struct virtio_console_config</c> (virtio 1.3 section 5.3.4). Only the number of ports is in use here.</summary>
[StructLayout(LayoutKind.Explicit, Size = 12)]
public struct VirtioConsoleConfig
{
    /// <summary>Columns, with VIRTIO_CONSOLE_F_SIZE only.</summary>
    [FieldOffset(0)] public ushort Cols;

    /// <summary>Rows, with VIRTIO_CONSOLE_F_SIZE only.</summary>
    [FieldOffset(2)] public ushort Rows;

    /// <summary>With VIRTIO_CONSOLE_F_MULTIPORT.</summary>
    [FieldOffset(4)] public uint MaxNrPorts;

    /// <summary>With VIRTIO_CONSOLE_F_EMERG_WRITE only.</summary>
    [FieldOffset(8)] public uint EmergWr;
}
