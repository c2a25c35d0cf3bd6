namespace SplitVmm.VmmCore.Pci;

/// <summary>
/// Function 00:00.0. Its identity is the generic PCIe host bridge that Red Hat reserved for virtual machines
/// (1b36:0008): no guest has a chipset driver or a quirk for it, so the guest learns everything from ACPI
/// (PNP0A08, MCFG). Linux' check of configuration access looks for its class.
/// </summary>
internal sealed class HostBridge() : PciFunction(Identity)
{
    private static readonly PciIdentity Identity = new(
        VendorId: 0x1B36,
        DeviceId: 0x0008,
        ClassCode: PciRegisters.PCI_CLASS_BRIDGE_HOST,
        Revision: 0,
        SubsystemVendorId: 0x1AF4,
        SubsystemId: 0x1100);
}
