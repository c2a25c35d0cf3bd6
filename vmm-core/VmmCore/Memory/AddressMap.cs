using System.Diagnostics.CodeAnalysis;

namespace SplitVmm.VmmCore.Memory;

/// <summary>
/// The guest-physical address map (docs/architecture.md): fixed ranges, and those that follow from the size of
/// RAM and the width of the guest's physical addresses.
/// </summary>
public sealed class AddressMap
{
    /// <summary>RAM below 4 GiB ends here at the latest.</summary>
    public const ulong LowRamLimit = 0xC000_0000;

    public const ulong PciWindow32Start = 0xC000_0000;
    public const ulong PciWindow32Size = 0x2000_0000;

    /// <summary>Enhanced configuration access (PCI Express 6.0 section 7.2.2), 1 MiB for each of 256 buses.</summary>
    public const ulong EcamStart = 0xE000_0000;
    public const ulong EcamSize = 0x1000_0000;

    public const ulong IoapicStart = 0xFEC0_0000;
    public const ulong LapicStart = 0xFEE0_0000;

    /// <summary>One page that Intel's KVM uses for real mode without paging (KVM_SET_IDENTITY_MAP_ADDR).</summary>
    public const ulong IdentityMapStart = 0xFEFF_C000;

    /// <summary>Three pages that Intel's KVM uses for real mode (KVM_SET_TSS_ADDR).</summary>
    public const ulong TssStart = 0xFEFF_D000;

    public const ulong HighRamStart = 0x1_0000_0000;

    private const ulong PageSize = 4096;
    private const ulong PciWindow64Alignment = 64UL << 30;
    private const ulong PciWindow64MaximumSize = 256UL << 30;

    private AddressMap(ulong ramSize, ulong window64Start, ulong window64Size)
    {
        RamSize = ramSize;
        LowRamSize = Math.Min(ramSize, LowRamLimit);
        HighRamSize = ramSize - LowRamSize;
        PciWindow64Start = window64Start;
        PciWindow64Size = window64Size;
    }

    /// <summary>Bytes of RAM in all.</summary>
    public ulong RamSize { get; }

    /// <summary>Bytes of RAM at address 0.</summary>
    public ulong LowRamSize { get; }

    /// <summary>Bytes of RAM at <see cref="HighRamStart"/>; may be zero.</summary>
    public ulong HighRamSize { get; }

    public ulong PciWindow64Start { get; }

    public ulong PciWindow64Size { get; }

    /// <summary>Lays out the address space; false if RAM and a 64-bit window do not fit into it.</summary>
    /// <param name="ramSize">Bytes, a multiple of the page size, not 0.</param>
    /// <param name="physicalAddressBits">MAXPHYADDR that the guest sees (CPUID leaf 0x80000008).</param>
    /// <param name="map">The map.</param>
    public static bool TryCreate(ulong ramSize, int physicalAddressBits, [NotNullWhen(true)] out AddressMap? map)
    {
        map = null;
        ulong end = 1UL << Math.Clamp(physicalAddressBits, 32, 52);
        if (ramSize == 0 || ramSize % PageSize != 0 || ramSize > end)
        {
            return false;
        }

        ulong ramEnd = ramSize <= LowRamLimit ? HighRamStart : HighRamStart + (ramSize - LowRamLimit);
        ulong start = (ramEnd + PciWindow64Alignment - 1) & ~(PciWindow64Alignment - 1);
        if (start >= end)
        {
            return false;
        }

        map = new AddressMap(ramSize, start, Math.Min(PciWindow64MaximumSize, end - start));
        return true;
    }
}
