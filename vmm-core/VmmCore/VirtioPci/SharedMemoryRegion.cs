using SplitVmm.VmmCore.Bus;
using SplitVmm.VmmCore.Pci;

namespace SplitVmm.VmmCore.VirtioPci;

/// <summary>A shared memory region of a device (virtio 1.3 section 2.10), which fills a prefetchable 64-bit BAR.</summary>
/// <param name="Id">By which the device type names the region; for a GPU the host-visible window is 1.</param>
/// <param name="Length">Bytes, a power of two.</param>
/// <param name="Region">Answers accesses that leave KVM.</param>
/// <param name="Observer">Learns where the guest has put the region, to back it with memory there.</param>
public sealed record SharedMemoryRegion(byte Id, ulong Length, IMmioRegion Region, IBarObserver? Observer);
