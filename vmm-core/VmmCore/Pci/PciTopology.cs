using SplitVmm.VmmCore.Bus;
using SplitVmm.VmmCore.VirtioPci;

namespace SplitVmm.VmmCore.Pci;

/// <summary>
/// The PCI side of a machine: host bridge, devices in the order they were added (00:01.0, 00:02.0, …), and the
/// address windows. There is no firmware: each BAR has an address from its window from the start, with memory
/// decoding off, which Linux takes over or changes.
/// </summary>
/// <remarks>
/// The machine adds all devices before the first vCPU runs, puts <see cref="Ecam"/> on its memory bus and gives
/// <see cref="ConfigSpace"/> to the ports 0xCF8/0xCFC.
/// </remarks>
public sealed class PciTopology : IResettable, IDisposable
{
    private readonly IInterruptRoutes _routes;
    private readonly IDoorbells _doorbells;
    private readonly BarPlacer _placer;
    private readonly WindowAllocator _allocator32;
    private readonly WindowAllocator _allocator64;
    private readonly List<VirtioPciFunction> _functions = [];

    /// <param name="memory">The bus on which BARs appear.</param>
    /// <param name="window32">For BARs of 32 bits; forwarded by the host bridge and named in its <c>_CRS</c>.</param>
    /// <param name="window64">For prefetchable BARs of 64 bits, likewise.</param>
    /// <param name="routes">Where message-signalled interrupts go.</param>
    /// <param name="doorbells">Where kicks come from.</param>
    public PciTopology(
        AddressBus memory, AddressWindow window32, AddressWindow window64, IInterruptRoutes routes, IDoorbells doorbells)
    {
        _routes = routes;
        _doorbells = doorbells;
        _placer = new BarPlacer(memory, window32, window64);
        _allocator32 = new WindowAllocator(window32);
        _allocator64 = new WindowAllocator(window64);
        Ecam = new EcamRegion(ConfigSpace);
        Add(new HostBridge());
    }

    public PciConfigSpace ConfigSpace { get; } = new();

    /// <summary>For the memory bus: 256 MiB at the address that the ACPI table MCFG names.</summary>
    public EcamRegion Ecam { get; }

    /// <summary>Adds a virtio device, owned from here on. Returns its device number on bus 0.</summary>
    /// <exception cref="InvalidOperationException">The bus or a window is full.</exception>
    public int Add(IVirtioDevice device, SharedMemoryRegion? sharedMemory = null)
    {
        var function = new VirtioPciFunction(device, _routes, _doorbells, sharedMemory);
        _functions.Add(function);
        return Add(function);
    }

    /// <summary>Every function back to power-on. The virtio devices let go of guest memory before this returns.</summary>
    public void Reset() => ConfigSpace.Reset();

    /// <summary>Stops and disposes all devices. On the event loop's thread, or after the loop has ended.</summary>
    public void Dispose()
    {
        foreach (VirtioPciFunction function in _functions)
        {
            function.Dispose();
        }

        _functions.Clear();
    }

    private int Add(PciFunction function)
    {
        if (!function.TryAssign(_placer, _allocator32, _allocator64))
        {
            throw new InvalidOperationException("the PCI address windows have no room for one more device");
        }

        return ConfigSpace.Add(function);
    }
}
