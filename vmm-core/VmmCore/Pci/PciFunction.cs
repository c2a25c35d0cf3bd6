using SplitVmm.VmmCore.Bus;

namespace SplitVmm.VmmCore.Pci;

/// <summary>
/// One PCI function with a type 0 header: identity, command register, BARs, capabilities. Interrupts are
/// MSI-X only: the interrupt pin reads 0, so a guest never routes INTx. The bus-master bit is stored and not
/// enforced, since the data path of a device does not come through here. Configuration accesses run with the
/// lock of <see cref="PciConfigSpace"/> held.
/// </summary>
public abstract class PciFunction
{
    private const ushort WritableCommandBits =
        PciRegisters.PCI_COMMAND_MEMORY | PciRegisters.PCI_COMMAND_MASTER | PciRegisters.PCI_COMMAND_PARITY
        | PciRegisters.PCI_COMMAND_SERR | PciRegisters.PCI_COMMAND_INTX_DISABLE;

    private readonly List<Bar> _bars = [];
    private BarPlacer? _placer;

    protected PciFunction(PciIdentity identity)
    {
        Registers.Set(PciRegisters.PCI_VENDOR_ID, identity.VendorId);
        Registers.Set(PciRegisters.PCI_DEVICE_ID, identity.DeviceId);
        Registers.Set(PciRegisters.PCI_REVISION_ID, identity.Revision | (identity.ClassCode << 8));
        Registers.Set(PciRegisters.PCI_SUBSYSTEM_VENDOR_ID, identity.SubsystemVendorId);
        Registers.Set(PciRegisters.PCI_SUBSYSTEM_ID, identity.SubsystemId);
        Registers.SetWritable(PciRegisters.PCI_COMMAND, WritableCommandBits);
        Registers.SetWritable(PciRegisters.PCI_CACHE_LINE_SIZE, [0xFF]);
        Registers.SetWritable(PciRegisters.PCI_INTERRUPT_LINE, [0xFF]);
        Capabilities = new CapabilityList(Registers);
    }

    public IReadOnlyList<Bar> Bars => _bars;

    protected ConfigRegisters Registers { get; } = new();

    private protected CapabilityList Capabilities { get; }

    private protected Bar AddBar(int index, BarKind kind, ulong size, IMmioRegion region, IBarObserver? observer = null)
    {
        var bar = new Bar(Registers, index, kind, size, region, observer);
        _bars.Add(bar);
        return bar;
    }

    /// <summary>A guest's read of configuration space. Never throws.</summary>
    internal virtual void ReadConfig(int offset, Span<byte> data) => Registers.Read(offset, data);

    /// <summary>A guest's write to configuration space. Never throws.</summary>
    internal virtual void WriteConfig(int offset, ReadOnlySpan<byte> data)
    {
        Registers.Write(offset, data);
        const int EndOfBars = PciRegisters.PCI_BASE_ADDRESS_0 + (6 * sizeof(uint));
        if (Touches(offset, data.Length, PciRegisters.PCI_COMMAND, EndOfBars - PciRegisters.PCI_COMMAND))
        {
            UpdateDecoding();
        }
    }

    /// <summary>Gives the BARs addresses and makes the present registers the power-on state.</summary>
    /// <returns>False if a BAR finds no room in its window.</returns>
    internal bool TryAssign(BarPlacer placer, WindowAllocator window32, WindowAllocator window64)
    {
        _placer = placer;
        foreach (Bar bar in _bars)
        {
            WindowAllocator window = bar.Kind == BarKind.Memory32 ? window32 : window64;
            if (!window.TryAllocate(bar.Size, out ulong address))
            {
                return false;
            }

            bar.Address = address;
        }

        Registers.SaveAsPowerOn();
        return true;
    }

    /// <summary>Back to power-on state. No vCPU runs meanwhile.</summary>
    internal virtual void Reset()
    {
        Registers.Reset();
        UpdateDecoding();
    }

    private protected static bool Touches(int offset, int length, int register, int width) =>
        offset < register + width && register < offset + length;

    private void UpdateDecoding()
    {
        bool enabled = (Registers.ReadU16(PciRegisters.PCI_COMMAND) & PciRegisters.PCI_COMMAND_MEMORY) != 0;
        foreach (Bar bar in _bars)
        {
            _placer?.Place(bar, enabled ? bar.Address : null);
        }
    }
}
