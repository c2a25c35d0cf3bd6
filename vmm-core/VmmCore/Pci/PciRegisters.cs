namespace SplitVmm.VmmCore.Pci;

/// <summary>
/// Offsets and bits of a function's configuration space (PCI Local Bus 3.0 chapter 6), by the names of Linux'
/// <c>pci_regs.h</c>.
/// </summary>
internal static class PciRegisters
{
    /// <summary>Bytes of one function's configuration space (PCI Express Base 3.0 section 7.2.2).</summary>
    public const int PCI_CFG_SPACE_EXP_SIZE = 4096;

    public const int PCI_VENDOR_ID = 0x00;
    public const int PCI_DEVICE_ID = 0x02;
    public const int PCI_COMMAND = 0x04;
    public const int PCI_STATUS = 0x06;
    public const int PCI_REVISION_ID = 0x08;
    public const int PCI_CLASS_PROG = 0x09;
    public const int PCI_CACHE_LINE_SIZE = 0x0C;
    public const int PCI_HEADER_TYPE = 0x0E;
    public const int PCI_BASE_ADDRESS_0 = 0x10;
    public const int PCI_SUBSYSTEM_VENDOR_ID = 0x2C;
    public const int PCI_SUBSYSTEM_ID = 0x2E;
    public const int PCI_CAPABILITY_LIST = 0x34;
    public const int PCI_INTERRUPT_LINE = 0x3C;
    public const int PCI_INTERRUPT_PIN = 0x3D;

    /// <summary>First byte after the type 0 header, where the capabilities are.</summary>
    public const int PCI_STD_HEADER_SIZEOF = 0x40;

    /// <summary>End of the part of the configuration space that a capability pointer can reach.</summary>
    public const int PCI_CFG_SPACE_SIZE = 0x100;

    public const ushort PCI_COMMAND_MEMORY = 0x0002;
    public const ushort PCI_COMMAND_MASTER = 0x0004;
    public const ushort PCI_COMMAND_PARITY = 0x0040;
    public const ushort PCI_COMMAND_SERR = 0x0100;
    public const ushort PCI_COMMAND_INTX_DISABLE = 0x0400;

    public const ushort PCI_STATUS_CAP_LIST = 0x0010;

    public const uint PCI_BASE_ADDRESS_MEM_TYPE_64 = 0x4;
    public const uint PCI_BASE_ADDRESS_MEM_PREFETCH = 0x8;

    public const byte PCI_CAP_ID_VNDR = 0x09;
    public const byte PCI_CAP_ID_MSIX = 0x11;

    public const uint PCI_CLASS_BRIDGE_HOST = 0x060000;
}
