using SplitVmm.VmmCore.Acpi;
using SplitVmm.VmmCore.Bus;

namespace SplitVmm.VmmCore.Machine.Ports;

/// <summary>The ports behind the ACPI tables: sleep control and status, reset, and the generic event device's events.</summary>
internal sealed class AcpiPowerPorts(IMachineControl machine, IInterruptLine eventLine) : IMmioRegion, IResettable
{
    private const int SleepTypeShift = 2;
    private const int SleepTypeMask = 7;

    private readonly Lock _lock = new();
    private byte _events;

    /// <summary>Tells the guest that somebody pressed the power button. From any thread.</summary>
    public void PressPowerButton()
    {
        lock (_lock)
        {
            if (_events != 0)
            {
                // The guest has not looked since the last press: its edge-triggered input needs another edge.
                eventLine.SetLevel(false);
            }

            _events |= AcpiHardware.PowerButtonEvent;
            eventLine.SetLevel(true);
        }
    }

    public void Read(ulong offset, Span<byte> data)
    {
        data.Clear();
        if (offset == AcpiHardware.Events - AcpiHardware.PowerBase)
        {
            lock (_lock)
            {
                data[0] = _events;
                _events = 0;
                eventLine.SetLevel(false);
            }
        }
    }

    public void Write(ulong offset, ReadOnlySpan<byte> data)
    {
        byte value = data[0];
        switch (AcpiHardware.PowerBase + offset)
        {
            case AcpiHardware.SleepControl when (value & AcpiHardware.SleepEnable) != 0
                && ((value >> SleepTypeShift) & SleepTypeMask) == AcpiHardware.SleepTypeS5:
                machine.RequestPowerOff();
                break;
            case AcpiHardware.Reset when value == AcpiHardware.ResetValue:
                machine.RequestReset();
                break;
        }
    }

    public void Reset()
    {
        lock (_lock)
        {
            _events = 0;
            eventLine.SetLevel(false);
        }
    }
}
