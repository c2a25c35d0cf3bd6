namespace SplitVmm.VmmCore.VirtioPci;

/// <summary>
/// Which BAR holds what, and where. Structures stand a page apart, so that a guest can map each on its own:
/// <code>
/// BAR 0 (32-bit)             0x0000 common  0x1000 ISR  0x2000 device  0x3000 notify, 4 bytes a queue
/// BAR 1 (32-bit)             MSI-X table and pending bits
/// BAR 2, 3 (64-bit, prefetchable)  a shared memory region, where the device has one
/// </code>
/// </summary>
internal static class VirtioPciLayout
{
    public const int StructuresBar = 0;
    public const int MsixBar = 1;
    public const int SharedMemoryBar = 2;

    public const uint CommonOffset = 0x0000;
    public const uint IsrOffset = 0x1000;
    public const uint DeviceOffset = 0x2000;
    public const uint NotifyOffset = 0x3000;
    public const uint StructuresSize = 0x4000;

    /// <summary>Bytes of the ISR structure: one is in use.</summary>
    public const uint IsrSize = 4;

    /// <summary><c>notify_off_multiplier</c>: each queue has a doorbell of its own.</summary>
    public const uint NotifyMultiplier = 4;

    /// <summary>The most queues whose doorbells fit.</summary>
    public const int MaximumQueues = (int)((StructuresSize - NotifyOffset) / NotifyMultiplier);

    /// <summary>The most device-specific configuration that fits, in bytes.</summary>
    public const int MaximumConfig = (int)(NotifyOffset - DeviceOffset);
}
