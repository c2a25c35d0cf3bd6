using System.Text;
using SplitVmm.VmmCore.Memory;

namespace SplitVmm.VmmCore.Acpi;

/// <summary>The ACPI tables that are plain structures (ACPI 6.5 section 5.2).</summary>
internal static class FixedTables
{
    /// <summary>Root System Description Pointer, revision 2 (section 5.2.5.3), 36 bytes.</summary>
    public static byte[] Rsdp(ulong xsdt)
    {
        const int FirstPart = 20;
        var bytes = new byte[36];
        Encoding.ASCII.GetBytes("RSD PTR ", bytes);
        Encoding.ASCII.GetBytes("SPLVMM", bytes.AsSpan(9));
        bytes[15] = 2; // revision
        BitConverter.TryWriteBytes(bytes.AsSpan(20), bytes.Length);
        BitConverter.TryWriteBytes(bytes.AsSpan(24), xsdt);
        bytes[8] = AcpiTable.Checksum(bytes.AsSpan(0, FirstPart));
        bytes[32] = AcpiTable.Checksum(bytes);
        return bytes;
    }

    /// <summary>Extended System Description Table (section 5.2.8).</summary>
    public static byte[] Xsdt(params ReadOnlySpan<ulong> tables)
    {
        var table = new AcpiTable("XSDT", 1);
        foreach (ulong address in tables)
        {
            table.U64(address);
        }

        return table.ToArray();
    }

    /// <summary>
    /// Fixed ACPI Description Table (section 5.2.9) of a hardware-reduced system: no fixed event registers, no PM
    /// timer, sleep and reset by the ports of <see cref="AcpiHardware"/>.
    /// </summary>
    public static byte[] Fadt(ulong dsdt)
    {
        const byte Desktop = 1;
        const ushort VgaNotPresent = 1 << 2;
        const ushort CmosRtcNotPresent = 1 << 5;
        const uint WBINVD = 1 << 0;
        const uint PROC_C1 = 1 << 2;
        const uint PWR_BUTTON_IS_NOT_FIXED = 1 << 4;
        const uint SLP_BUTTON_IS_NOT_FIXED = 1 << 5;
        const uint RESET_REG_SUP = 1 << 10;
        const uint HW_REDUCED_ACPI = 1 << 20;
        var table = new AcpiTable("FACP", 6);
        table.U32(0); // FIRMWARE_CTRL: a hardware-reduced system needs no FACS
        table.U32((uint)dsdt);
        table.U8(0);
        table.U8(Desktop);
        table.Zeros(109 - 46); // SCI_INT to CENTURY: fixed hardware that is not there
        table.U16(VgaNotPresent | CmosRtcNotPresent); // IAPC_BOOT_ARCH; no 8042, no legacy devices
        table.U8(0);
        table.U32(WBINVD | PROC_C1 | PWR_BUTTON_IS_NOT_FIXED | SLP_BUTTON_IS_NOT_FIXED | RESET_REG_SUP | HW_REDUCED_ACPI);
        table.IoPort(AcpiHardware.Reset);
        table.U8(AcpiHardware.ResetValue);
        table.U16(0); // ARM_BOOT_ARCH
        table.U8(5); // minor version: ACPI 6.5
        table.U64(0); // X_FIRMWARE_CTRL
        table.U64(dsdt);
        table.Zeros(8 * 12); // X_PM1a_EVT_BLK to X_GPE1_BLK
        table.IoPort(AcpiHardware.SleepControl);
        table.IoPort(AcpiHardware.SleepStatus);
        table.Ascii("SPLITVMM", 8); // hypervisor vendor identity
        return table.ToArray();
    }

    /// <summary>Multiple APIC Description Table (section 5.2.12): a local APIC for each vCPU, and the IOAPIC.</summary>
    public static byte[] Madt(int vcpus)
    {
        const byte ProcessorLocalApic = 0;
        const byte IoApic = 1;
        const byte LocalApicNmi = 4;
        const uint Enabled = 1;
        var table = new AcpiTable("APIC", 5);
        table.U32((uint)AddressMap.LapicStart);
        table.U32(0); // flags: an operating system need not look for 8259 PICs
        for (int vcpu = 0; vcpu < vcpus; vcpu++)
        {
            table.U8(ProcessorLocalApic);
            table.U8(8);
            table.U8((byte)vcpu); // processor UID
            table.U8((byte)vcpu); // APIC identity
            table.U32(Enabled);
        }

        table.U8(IoApic);
        table.U8(12);
        table.U8(AcpiHardware.IoapicId);
        table.U8(0);
        table.U32((uint)AddressMap.IoapicStart);
        table.U32(0); // first global system interrupt
        table.U8(LocalApicNmi);
        table.U8(6);
        table.U8(0xFF); // all processors
        table.U16(0); // polarity and trigger of the bus
        table.U8(1); // LINT1
        return table.ToArray();
    }

    /// <summary>Where PCI configuration space is mapped (PCI Firmware Specification 3.3 section 4.1.2).</summary>
    public static byte[] Mcfg()
    {
        var table = new AcpiTable("MCFG", 1);
        table.Zeros(8);
        table.U64(AddressMap.EcamStart);
        table.U16(0); // segment
        table.U8(0); // first bus
        table.U8(255); // last bus
        table.Zeros(4);
        return table.ToArray();
    }
}
