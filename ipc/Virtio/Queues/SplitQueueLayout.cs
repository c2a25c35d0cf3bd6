namespace SplitVmm.Virtio.Queues;

/// <summary>Where a driver has put a split virtqueue. Addresses are guest-physical.</summary>
/// <param name="Size">Number of descriptors, a power of two up to 32768.</param>
/// <param name="DescriptorTable"><c>queue_desc</c>, aligned to 16.</param>
/// <param name="AvailableRing"><c>queue_driver</c>, aligned to 2.</param>
/// <param name="UsedRing"><c>queue_device</c>, aligned to 4.</param>
public readonly record struct SplitQueueLayout(int Size, ulong DescriptorTable, ulong AvailableRing, ulong UsedRing);
