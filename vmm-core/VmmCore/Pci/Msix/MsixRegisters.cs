namespace SplitVmm.VmmCore.Pci.Msix;

/// <summary>MSI-X (PCI Local Bus 3.0 section 6.8.2), by the names of Linux' <c>pci_regs.h</c>.</summary>
internal static class MsixRegisters
{
    public const int PCI_MSIX_FLAGS = 2;
    public const ushort PCI_MSIX_FLAGS_ENABLE = 0x8000;
    public const ushort PCI_MSIX_FLAGS_MASKALL = 0x4000;

    /// <summary>The most vectors a function can have.</summary>
    public const int MaximumVectors = 2048;

    public const int PCI_MSIX_ENTRY_SIZE = 16;
    public const int PCI_MSIX_ENTRY_LOWER_ADDR = 0;
    public const int PCI_MSIX_ENTRY_UPPER_ADDR = 4;
    public const int PCI_MSIX_ENTRY_DATA = 8;
    public const int PCI_MSIX_ENTRY_VECTOR_CTRL = 12;
    public const uint PCI_MSIX_ENTRY_CTRL_MASKBIT = 1;
}
