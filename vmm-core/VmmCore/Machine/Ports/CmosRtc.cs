using SplitVmm.VmmCore.Bus;

namespace SplitVmm.VmmCore.Machine.Ports;

/// <summary>
/// The time of day in CMOS (MC146818A data sheet, "Address map"), read-only, in UTC, without alarms and interrupts.
/// The ACPI tables do not announce it, because a guest with kvmclock has better; a guest without asks here.
/// </summary>
internal sealed class CmosRtc(TimeProvider clock) : IMmioRegion
{
    public const ushort Base = 0x70;
    public const ushort Size = 2;

    private const byte RegisterA = 0x0A;
    private const byte RegisterB = 0x0B;
    private const byte RegisterD = 0x0D;
    private const byte Century = 0x32;

    private const byte DividerOn = 0x26; // 32.768 kHz time base; no update in progress
    private const byte TwentyFourHours = 0x02; // binary-coded decimal
    private const byte ValidRamAndTime = 0x80;

    private volatile byte _index;

    public void Read(ulong offset, Span<byte> data)
    {
        data.Fill(0xFF);
        if (offset == 1)
        {
            data[0] = ReadRegister(clock.GetUtcNow().UtcDateTime);
        }
    }

    public void Write(ulong offset, ReadOnlySpan<byte> data)
    {
        const byte NmiDisable = 0x80;
        if (offset == 0)
        {
            _index = (byte)(data[0] & ~NmiDisable);
        }
    }

    private byte ReadRegister(DateTime now) => _index switch
    {
        0x00 => Bcd(now.Second),
        0x02 => Bcd(now.Minute),
        0x04 => Bcd(now.Hour),
        0x06 => Bcd((int)now.DayOfWeek + 1),
        0x07 => Bcd(now.Day),
        0x08 => Bcd(now.Month),
        0x09 => Bcd(now.Year % 100),
        RegisterA => DividerOn,
        RegisterB => TwentyFourHours,
        RegisterD => ValidRamAndTime,
        Century => Bcd(now.Year / 100),
        _ => 0,
    };

    private static byte Bcd(int value) => (byte)(((value / 10) << 4) | (value % 10));
}
