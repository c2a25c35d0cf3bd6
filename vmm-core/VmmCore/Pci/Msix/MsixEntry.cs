using System.Runtime.InteropServices;

namespace SplitVmm.VmmCore.Pci.Msix;

/// <summary>
/// One entry of the MSI-X table (PCI Local Bus 3.0 section 6.8.2):
/// <code>
///  0        4        8        12                16
///  | addr lo | addr hi | data   | control, bit 0 |
/// </code>
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = MsixRegisters.PCI_MSIX_ENTRY_SIZE)]
internal struct MsixEntry
{
    [FieldOffset(MsixRegisters.PCI_MSIX_ENTRY_LOWER_ADDR)]
    public ulong Address;

    [FieldOffset(MsixRegisters.PCI_MSIX_ENTRY_DATA)]
    public uint Data;

    [FieldOffset(MsixRegisters.PCI_MSIX_ENTRY_VECTOR_CTRL)]
    public uint Control;

    /// <summary>Every vector starts masked.</summary>
    public static MsixEntry PowerOn => new() { Control = MsixRegisters.PCI_MSIX_ENTRY_CTRL_MASKBIT };

    public readonly bool Masked => (Control & MsixRegisters.PCI_MSIX_ENTRY_CTRL_MASKBIT) != 0;

    /// <summary>
    /// Whether the message is an interrupt on x86 (Intel SDM volume 3, 11.11.1: 0xFEEx_xxxx). A write anywhere
    /// else would be DMA by the device; such messages are dropped.
    /// </summary>
    public readonly bool IsInterrupt => (Address >> 20) == 0xFEE;
}
