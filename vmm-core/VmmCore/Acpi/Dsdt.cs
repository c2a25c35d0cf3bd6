using SplitVmm.VmmCore.Memory;

namespace SplitVmm.VmmCore.Acpi;

/// <summary>
/// The Differentiated System Description Table (ACPI 6.5 section 5.2.11.1): the host bridge with its windows, the
/// serial port, the power button behind a generic event device, and how to reach the soft-off state.
/// </summary>
internal static class Dsdt
{
    private const ushort PciConfigPort = 0xCF8;
    private const ushort PciConfigPortEnd = 0xCFF;

    // Section 6.2.11.3, _OSC of a PCI host bridge.
    private const string PciHostBridgeUuid = "33DB4D5B-1FF7-401C-9657-7441C03DD766";

    public static byte[] Build(AddressMap map)
    {
        var aml = new AmlWriter();
        aml.Scope("\\_SB", scope =>
        {
            scope.Device("PCI0", device => HostBridge(device, map));
            scope.Device("MBRD", Motherboard);
            scope.Device("COM1", SerialPort);
            scope.Device("PWRB", PowerButton);
            scope.Device("GED", EventDevice);
        });
        aml.Name("\\_S5", value => value.Package(AcpiHardware.SleepTypeS5, AcpiHardware.SleepTypeS5, 0, 0));
        // Revision 2: integers have 64 bits.
        var table = new AcpiTable("DSDT", 2);
        table.Bytes(aml.ToArray());
        return table.ToArray();
    }

    private static void HostBridge(AmlWriter device, AddressMap map)
    {
        byte[] resources = new ResourceTemplate()
            .BusWindow(0, 255)
            .Io(PciConfigPort, PciConfigPortEnd - PciConfigPort + 1)
            .IoWindow(0, PciConfigPort - 1)
            .IoWindow(PciConfigPortEnd + 1, 0xFFFF)
            .MemoryWindow32(
                (uint)AddressMap.PciWindow32Start, (uint)(AddressMap.PciWindow32Start + AddressMap.PciWindow32Size - 1))
            .MemoryWindow64(map.PciWindow64Start, map.PciWindow64Start + map.PciWindow64Size - 1)
            .ToArray();
        device.Name("_HID", value => value.EisaId("PNP0A08")); // PCI Express root
        device.Name("_CID", value => value.EisaId("PNP0A03"));
        device.Name("_UID", 0);
        device.Name("_SEG", 0);
        device.Name("_BBN", 0);
        device.Name("_CRS", value => value.Buffer(resources));
        device.Method("_OSC", 4, serialized: true, OperatingSystemCapabilities);
    }

    // Grants native control of everything asked for but hot-plug and the like, of which there is none: an operating
    // system without an answer here leaves PCI Express features off.
    private static void OperatingSystemCapabilities(AmlWriter method)
    {
        const uint GrantedControl = 0x1D; // hot-plug, PME, AER, capability structure; not SHPC
        const byte UnrecognizedUuid = 4;
        method.CreateDWordField(buffer => buffer.Argument(3), 0, "CDW1");
        method.If(
            condition => condition.LEqual(left => left.Argument(0), right => right.Uuid(PciHostBridgeUuid)),
            body =>
            {
                body.CreateDWordField(buffer => buffer.Argument(3), 8, "CDW3");
                body.And(left => left.NameString("CDW3"), right => right.Integer(GrantedControl), target => target.NameString("CDW3"));
            });
        method.Else(body =>
            body.Or(left => left.NameString("CDW1"), right => right.Integer(UnrecognizedUuid), target => target.NameString("CDW1")));
        method.Return(value => value.Argument(3));
    }

    // Linux takes the configuration window for usable only if a device claims it (section 4.1.2 of the PCI Firmware
    // Specification 3.3).
    private static void Motherboard(AmlWriter device)
    {
        byte[] resources = new ResourceTemplate()
            .Memory32((uint)AddressMap.EcamStart, (uint)AddressMap.EcamSize)
            .Io(AcpiHardware.PowerBase, (byte)AcpiHardware.PowerSize)
            .ToArray();
        device.Name("_HID", value => value.EisaId("PNP0C02"));
        device.Name("_UID", 0);
        device.Name("_CRS", value => value.Buffer(resources));
    }

    private static void SerialPort(AmlWriter device)
    {
        byte[] resources = new ResourceTemplate()
            .Io(AcpiHardware.Com1Base, (byte)AcpiHardware.Com1Size)
            .EdgeInterrupt((uint)AcpiHardware.Com1Gsi)
            .ToArray();
        device.Name("_HID", value => value.EisaId("PNP0501")); // 16550A
        device.Name("_UID", 1);
        device.Name("_DDN", value => value.Text("COM1"));
        device.Name("_CRS", value => value.Buffer(resources));
    }

    private static void PowerButton(AmlWriter device)
    {
        device.Name("_HID", value => value.EisaId("PNP0C0C"));
        device.Name("_UID", 0);
    }

    // Section 5.6.9: without fixed hardware, events come through an interrupt whose method asks what happened.
    private static void EventDevice(AmlWriter device)
    {
        const byte ButtonPressed = 0x80;
        byte[] resources = new ResourceTemplate().EdgeInterrupt((uint)AcpiHardware.EventGsi).ToArray();
        device.Name("_HID", value => value.Text("ACPI0013"));
        device.Name("_UID", 0);
        device.Name("_CRS", value => value.Buffer(resources));
        device.IoRegion("EREG", AcpiHardware.PowerBase, AcpiHardware.PowerSize);
        device.ByteField("EREG", "EVTS", AcpiHardware.Events - AcpiHardware.PowerBase);
        device.Method("_EVT", 1, serialized: true, method =>
        {
            // The read takes the events, so it is made once.
            method.Store(value => value.NameString("EVTS"), target => target.Local(0));
            method.If(
                condition => condition.And(
                    left => left.Local(0), right => right.Integer(AcpiHardware.PowerButtonEvent), AmlWriter.NoTarget),
                body => body.Notify("\\_SB.PWRB", ButtonPressed));
        });
    }
}
