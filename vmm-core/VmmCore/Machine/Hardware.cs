using SplitVmm.VmmCore.Acpi;
using SplitVmm.VmmCore.Bus;
using SplitVmm.VmmCore.Kvm;
using SplitVmm.VmmCore.Machine.Ports;
using SplitVmm.VmmCore.Memory;
using SplitVmm.VmmCore.Pci;
using SplitVmm.VmmCore.Serial;
using SplitVmm.VmmCore.SharedMemory;

namespace SplitVmm.VmmCore.Machine;

/// <summary>
/// The parts of a machine but its vCPUs: RAM, buses, interrupt routes, and the devices every machine has. Devices on
/// PCI are added before the first vCPU runs.
/// </summary>
public sealed unsafe class Hardware : IDisposable
{
    private readonly List<IResettable> _resettable = [];
    private readonly List<SharedMemoryWindow> _windows = [];
    private readonly AddressBus _memory = new();
    private readonly AddressBus _ports = new();
    private readonly AcpiPowerPorts _power;
    private readonly SerialOutput? _serialOutput;

    internal Hardware(KvmVm vm, AddressMap map, MachineOptions options, IMachineControl machine)
    {
        Vm = vm;
        Map = map;
        Ram = new GuestRam(map);
        foreach (Virtio.Memory.GuestMemoryRegion region in Ram.Memory.Regions)
        {
            vm.AddMemory(region.GuestAddress, region.Size, region.Host);
        }

        Pci = new PciTopology(
            _memory,
            new AddressWindow(AddressMap.PciWindow32Start, AddressMap.PciWindow32Size),
            new AddressWindow(map.PciWindow64Start, map.PciWindow64Size),
            new GsiRoutes(vm),
            new IoeventfdDoorbells(vm));
        _resettable.Add(Pci);
        AddTo(_memory, AddressMap.EcamStart, AddressMap.EcamSize, Pci.Ecam);
        AddTo(_ports, PciConfigPorts.Base, PciConfigPorts.Size, new PciConfigPorts(Pci.ConfigSpace, machine));
        _power = new AcpiPowerPorts(machine, new IoapicLine(vm, AcpiHardware.EventGsi));
        AddTo(_ports, AcpiHardware.PowerBase, AcpiHardware.PowerSize, _power);
        AddTo(_ports, KeyboardControllerPorts.Command, 1, new KeyboardControllerPorts(machine));
        AddTo(_ports, CmosRtc.Base, CmosRtc.Size, new CmosRtc(TimeProvider.System));
        AddTo(_ports, PostCodePort.Port, 1, new PostCodePort());
        _serialOutput = options.SerialOutput is { } output ? new SerialOutput(output) : null;
        ISerialSink sink = (ISerialSink?)_serialOutput ?? new DiscardingSink();
        var uart = new Uart16550(new IoapicLine(vm, AcpiHardware.Com1Gsi), sink);
        sink.BecameReady = uart.TransmitterReady;
        AddTo(_ports, AcpiHardware.Com1Base, AcpiHardware.Com1Size, uart);
        if (options.SerialInput is { } input)
        {
            _ = new SerialInput(input, uart);
        }
    }

    public AddressMap Map { get; }

    /// <summary>For devices that work in guest memory.</summary>
    public Virtio.Memory.GuestMemory Memory => Ram.Memory;

    /// <summary>Where devices on PCI are added.</summary>
    public PciTopology Pci { get; }

    internal KvmVm Vm { get; }

    internal GuestRam Ram { get; }

    internal AddressBus MemoryBus => _memory;

    internal AddressBus PortBus => _ports;

    /// <summary>Adds a window that a device's back end fills. Before the first vCPU runs; the device disposes it.</summary>
    internal void AddWindow(SharedMemoryWindow window)
    {
        if (_windows.Count == 0)
        {
            GuestPat.Honour(Vm);
        }

        _windows.Add(window);
    }

    /// <summary>
    /// The host could not provide memory that a vCPU touched. RAM is sealed, so it was in a window. From any vCPU thread.
    /// </summary>
    /// <returns>False if there is none.</returns>
    internal bool TryRepairWindows()
    {
        _windows.ForEach(static window => window.Repair());
        return _windows.Count > 0;
    }

    /// <summary>From any thread.</summary>
    internal void PressPowerButton() => _power.PressPowerButton();

    /// <summary>Everything here back to power-on, RAM to zero. No vCPU runs.</summary>
    internal void Reset()
    {
        foreach (IResettable device in _resettable)
        {
            device.Reset();
        }

        Vm.ResetIrqchips();
        Ram.Clear();
    }

    /// <summary>On the machine's thread, when no vCPU thread is left.</summary>
    public void Dispose()
    {
        Pci.Dispose();
        _serialOutput?.Dispose();
        Vm.Dispose();
        Ram.Dispose();
    }

    private void AddTo(AddressBus bus, ulong start, ulong size, IMmioRegion region)
    {
        if (!bus.TryAdd(start, size, region))
        {
            throw new InvalidOperationException($"0x{start:X} is taken twice");
        }

        if (region is IResettable resettable)
        {
            _resettable.Add(resettable);
        }
    }
}
