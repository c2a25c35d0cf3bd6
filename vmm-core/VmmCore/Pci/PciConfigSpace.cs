using SplitVmm.VmmCore.Bus;

namespace SplitVmm.VmmCore.Pci;

/// <summary>
/// The functions of bus 0, found by address. ECAM and the ports 0xCF8/0xCFC both come here; one lock makes each
/// access atomic. It is the outermost lock of the devices.
/// </summary>
public sealed class PciConfigSpace : IPciConfigSpace, IResettable
{
    private const int DevicesPerBus = 32;

    private readonly Lock _access = new();
    private readonly PciFunction?[] _devices = new PciFunction?[DevicesPerBus];
    private int _count;

    /// <summary>Adds a device with a single function at the next free device number, which it returns.</summary>
    /// <exception cref="InvalidOperationException">All 32 device numbers are taken.</exception>
    public int Add(PciFunction function)
    {
        lock (_access)
        {
            if (_count == DevicesPerBus)
            {
                throw new InvalidOperationException($"PCI bus 0 has room for {DevicesPerBus} devices, the host bridge among them");
            }

            _devices[_count] = function;
            return _count++;
        }
    }

    /// <inheritdoc/>
    public void ReadConfig(byte bus, byte deviceFunction, int offset, Span<byte> data)
    {
        lock (_access)
        {
            if (Find(bus, deviceFunction, offset, data.Length) is { } function)
            {
                function.ReadConfig(offset, data);
                return;
            }
        }

        data.Fill(0xFF);
    }

    /// <inheritdoc/>
    public void WriteConfig(byte bus, byte deviceFunction, int offset, ReadOnlySpan<byte> data)
    {
        lock (_access)
        {
            Find(bus, deviceFunction, offset, data.Length)?.WriteConfig(offset, data);
        }
    }

    public void Reset()
    {
        lock (_access)
        {
            foreach (PciFunction? function in _devices)
            {
                function?.Reset();
            }
        }
    }

    private PciFunction? Find(byte bus, byte deviceFunction, int offset, int length)
    {
        bool exists = bus == 0 && (deviceFunction & 0x7) == 0;
        bool fits = offset >= 0 && length <= PciRegisters.PCI_CFG_SPACE_EXP_SIZE - offset;
        return exists && fits ? _devices[deviceFunction >> 3] : null;
    }
}
