using SplitVmm.VmmCore.Memory;

namespace SplitVmm.VmmCore.Acpi;

/// <summary>All ACPI tables of a machine, one behind the other, the root pointer first.</summary>
public static class AcpiTables
{
    // Every table starts at a multiple of this.
    private const int Alignment = 16;

    /// <param name="map">The address map.</param>
    /// <param name="vcpus">How many processors there are.</param>
    /// <param name="start">Guest-physical address that the bytes will be placed at.</param>
    public static byte[] Build(AddressMap map, int vcpus, ulong start)
    {
        const int RsdpRoom = 48;
        var bytes = new List<byte>(new byte[RsdpRoom]);
        ulong Place(byte[] table)
        {
            ulong address = start + (ulong)bytes.Count;
            bytes.AddRange(table);
            bytes.AddRange(new byte[-bytes.Count & (Alignment - 1)]);
            return address;
        }

        ulong fadt = Place(FixedTables.Fadt(Place(Dsdt.Build(map))));
        ulong xsdt = Place(FixedTables.Xsdt(fadt, Place(FixedTables.Madt(vcpus)), Place(FixedTables.Mcfg())));
        byte[] all = [.. bytes];
        FixedTables.Rsdp(xsdt).CopyTo(all, 0);
        return all;
    }
}
