using SplitVmm.VmmCore.Memory;

namespace SplitVmm.VmmCore.Boot;

/// <summary>What a range of guest-physical memory is, with the numbers of ACPI 6.5 section 15.4 (INT 15h E820).</summary>
internal enum MemoryRangeType : uint
{
    AddressRangeMemory = 1,
    AddressRangeReserved = 2,
}

/// <summary>One entry of the memory map that a kernel is handed.</summary>
internal readonly record struct MemoryRange(ulong Start, ulong Size, MemoryRangeType Type)
{
    /// <summary>The memory map of a machine, sorted.</summary>
    public static MemoryRange[] Describe(AddressMap map)
    {
        var ranges = new List<MemoryRange>
        {
            new(0, BootAddresses.LowMemoryEnd, MemoryRangeType.AddressRangeMemory),
            new(
                BootAddresses.AcpiTables,
                BootAddresses.BiosEnd - BootAddresses.AcpiTables,
                MemoryRangeType.AddressRangeReserved),
            new(
                BootAddresses.HighMemory,
                map.LowRamSize - BootAddresses.HighMemory,
                MemoryRangeType.AddressRangeMemory),
            // Linux trusts the address in the MCFG only where it is reserved.
            new(AddressMap.EcamStart, AddressMap.EcamSize, MemoryRangeType.AddressRangeReserved),
        };
        if (map.HighRamSize > 0)
        {
            ranges.Add(new(AddressMap.HighRamStart, map.HighRamSize, MemoryRangeType.AddressRangeMemory));
        }

        return [.. ranges];
    }
}
