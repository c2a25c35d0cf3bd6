using System.Buffers.Binary;
using SplitVmm.VmmCore.Bus;

namespace SplitVmm.VmmCore.Machine.Ports;

/// <summary>
/// Ports 0xCF8 to 0xCFF: PCI's configuration mechanism 1 (PCI Local Bus 3.0 section 3.2.2.3.2), and between its
/// bytes the reset control register 0xCF9 of PC chipsets.
/// </summary>
internal sealed class PciConfigPorts(IPciConfigSpace? config, IMachineControl machine) : IMmioRegion, IResettable
{
    public const ushort Base = 0xCF8;
    public const ushort Size = 8;

    private const ulong ResetControl = 1;
    private const ulong Data = 4;
    private const byte ResetCpu = 1 << 2;
    private const uint Enable = 1u << 31;

    // One for the whole machine: a guest takes a lock around address and data.
    private uint _address;

    public void Read(ulong offset, Span<byte> data)
    {
        data.Fill(0xFF);
        if (offset == 0 && data.Length == sizeof(uint))
        {
            BinaryPrimitives.WriteUInt32LittleEndian(data, Volatile.Read(ref _address));
        }
        else if (offset >= Data && TryLocate(offset, out byte bus, out byte deviceFunction, out int register))
        {
            config?.ReadConfig(bus, deviceFunction, register, data);
        }
        else if (offset == ResetControl && data.Length == 1)
        {
            data[0] = 0;
        }
    }

    public void Write(ulong offset, ReadOnlySpan<byte> data)
    {
        if (offset == 0 && data.Length == sizeof(uint))
        {
            Volatile.Write(ref _address, BinaryPrimitives.ReadUInt32LittleEndian(data));
        }
        else if (offset >= Data && TryLocate(offset, out byte bus, out byte deviceFunction, out int register))
        {
            config?.WriteConfig(bus, deviceFunction, register, data);
        }
        else if (offset == ResetControl && data.Length == 1 && (data[0] & ResetCpu) != 0)
        {
            machine.RequestReset();
        }
    }

    public void Reset() => Volatile.Write(ref _address, 0);

    private bool TryLocate(ulong offset, out byte bus, out byte deviceFunction, out int register)
    {
        uint address = Volatile.Read(ref _address);
        bus = (byte)(address >> 16);
        deviceFunction = (byte)(address >> 8);
        register = (int)((address & 0xFC) + (offset - Data));
        return (address & Enable) != 0;
    }
}
