namespace SplitVmm.VmmCore.Boot;

/// <summary>Where the machine places what it hands to a kernel, below 1 MiB of guest-physical memory.</summary>
internal static class BootAddresses
{
    public const ulong Gdt = 0x1000;

    /// <summary>PVH: struct hvm_start_info, then the module list, then the memory map.</summary>
    public const ulong StartInfo = 0x6000;
    public const ulong ModuleList = 0x6100;
    public const ulong MemoryMap = 0x6200;

    /// <summary>64-bit boot protocol: struct boot_params.</summary>
    public const ulong ZeroPage = 0x7000;

    public const ulong BootStackTop = 0x8FF0;

    /// <summary>A PML4, a page directory pointer table, and four page directories: the first 4 GiB.</summary>
    public const ulong PageTables = 0x9000;

    public const ulong CommandLine = 0x20000;

    /// <summary>Conventional memory ends here; a PC keeps its extended BIOS data area above.</summary>
    public const ulong LowMemoryEnd = 0x9FC00;

    /// <summary>The BIOS area, searched for the RSDP by systems that were not told where it is.</summary>
    public const ulong AcpiTables = 0xE0000;
    public const ulong AcpiTablesEnd = ResetVector;

    /// <summary>Where a PC's processor finds the BIOS, and where real-mode code jumps to for a reboot.</summary>
    public const ulong ResetVector = 0xFFFF0;

    /// <summary>End of the BIOS area.</summary>
    public const ulong BiosEnd = 0x100000;

    /// <summary>Kernels and initrds lie at or above.</summary>
    public const ulong HighMemory = 0x100000;
}
