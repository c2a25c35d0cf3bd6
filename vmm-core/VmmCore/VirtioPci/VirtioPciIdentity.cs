using SplitVmm.Virtio.Constants;
using SplitVmm.VmmCore.Pci;

namespace SplitVmm.VmmCore.VirtioPci;

/// <summary>How a virtio device presents itself on PCI (virtio 1.3 section 4.1.2).</summary>
internal static class VirtioPciIdentity
{
    private const ushort RedHat = 0x1AF4;
    private const ushort FirstModernDevice = 0x1040;

    /// <summary>Identity of a non-transitional device: 0x1040 plus the type, revision 1, subsystem 0x40 or above.</summary>
    public static PciIdentity Of(VirtioDeviceId type) => new(
        RedHat,
        (ushort)(FirstModernDevice + (uint)type),
        ClassOf(type),
        Revision: 1,
        RedHat,
        (ushort)(FirstModernDevice + (uint)type));

    /// <summary>Class codes (PCI Code and ID Assignment), by which tools sort devices; drivers match the device number.</summary>
    private static uint ClassOf(VirtioDeviceId type) => type switch
    {
        VirtioDeviceId.Network => 0x020000,
        VirtioDeviceId.Block or VirtioDeviceId.ScsiHost => 0x010000,
        VirtioDeviceId.FileSystem or VirtioDeviceId.Pmem => 0x018000,
        // A display controller without VGA registers.
        VirtioDeviceId.Gpu => 0x038000,
        VirtioDeviceId.Sound => 0x040100,
        VirtioDeviceId.MemoryBalloon or VirtioDeviceId.Memory => 0x050000,
        VirtioDeviceId.Console or VirtioDeviceId.Socket => 0x078000,
        VirtioDeviceId.Input => 0x098000,
        VirtioDeviceId.Entropy or VirtioDeviceId.Crypto => 0x108000,
        _ => 0xFF0000,
    };
}
