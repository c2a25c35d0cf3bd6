namespace SplitVmm.VmmCore.Pci;

/// <summary>What a function tells of itself in its configuration header.</summary>
/// <param name="ClassCode">Base class, sub-class and programming interface, 24 bits.</param>
public readonly record struct PciIdentity(
    ushort VendorId,
    ushort DeviceId,
    uint ClassCode,
    byte Revision,
    ushort SubsystemVendorId,
    ushort SubsystemId);
