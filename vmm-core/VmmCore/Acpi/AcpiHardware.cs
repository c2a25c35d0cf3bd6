namespace SplitVmm.VmmCore.Acpi;

/// <summary>What the tables promise and the machine keeps: ports, interrupt inputs, values.</summary>
internal static class AcpiHardware
{
    /// <summary>First of the ports that sleep, reset and events go through.</summary>
    public const ushort PowerBase = 0x600;
    public const ushort PowerSize = 0x10;

    /// <summary>Sleep control register (ACPI 6.5 section 4.8.3.7): SLP_TYP in bits 2 to 4, SLP_EN in bit 5.</summary>
    public const ushort SleepControl = PowerBase;

    public const ushort SleepStatus = PowerBase + 1;
    public const ushort Reset = PowerBase + 2;

    /// <summary>Which events the generic event device has seen; a read takes them.</summary>
    public const ushort Events = PowerBase + 3;

    public const byte SleepEnable = 1 << 5;
    public const byte SleepTypeS5 = 5;
    public const byte ResetValue = 1;

    /// <summary>Bit in <see cref="Events"/>.</summary>
    public const byte PowerButtonEvent = 1;

    /// <summary>Global system interrupt of the generic event device: where older systems have their SCI.</summary>
    public const int EventGsi = 9;

    public const ushort Com1Base = 0x3F8;
    public const ushort Com1Size = 8;
    public const int Com1Gsi = 4;

    public const byte IoapicId = 0;
}
