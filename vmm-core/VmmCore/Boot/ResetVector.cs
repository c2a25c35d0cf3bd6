using SplitVmm.VmmCore.Memory;

namespace SplitVmm.VmmCore.Boot;

/// <summary>
/// What stands where a PC has its BIOS entry: code that resets the machine. Linux comes here to reboot a
/// hardware-reduced ACPI system, which it takes for an EFI one: the EFI reset service is not there, and the next it
/// tries is the BIOS.
/// </summary>
internal static class ResetVector
{
    private static ReadOnlySpan<byte> Code =>
    [
        0xB0, 0xFE, // mov $0xFE, %al
        0xE6, 0x64, // out %al, $0x64: the keyboard controller pulses the reset line
        0xF4, // hlt
        0xEB, 0xFD, // jmp to the hlt
    ];

    public static void Place(GuestRam ram) => LowMemory.Place(ram, BootAddresses.ResetVector, Code);
}
