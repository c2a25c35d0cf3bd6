namespace SplitVmm.GpuProcess.Native;

/// <summary>How much of the host a guest can take by native contexts.</summary>
internal sealed record NativeLimits
{
    /// <summary>Bytes of all GEM objects of all contexts (<c>max_gpumem</c>).</summary>
    public ulong MaxBytes { get; init; } = 4UL << 30;

    /// <summary>GEM objects of one context.</summary>
    public int MaxObjects { get; init; } = 32_768;

    /// <summary>Address spaces of one context.</summary>
    public int MaxAddressSpaces { get; init; } = 16;

    /// <summary>Queues, or contexts of the kernel driver, of one context.</summary>
    public int MaxQueues { get; init; } = 64;

    /// <summary>Special objects that the kernel driver makes of GEM objects, of one context.</summary>
    public int MaxBoundObjects { get; init; } = 1024;

    /// <summary>Bytes of the page for answers; Mesa's is 16 KiB.</summary>
    public uint MaxSharedBytes { get; init; } = 1 << 20;

    /// <summary>Objects of others that one submission waits for, each of which costs system calls.</summary>
    public int MaxExternal { get; init; } = 256;

    /// <summary>Objects that one submission uses.</summary>
    public int MaxSubmitObjects { get; init; } = 65_536;

    /// <summary>Sync files that are kept because something waits for them, of all contexts: each is a descriptor.</summary>
    public int MaxSyncFiles { get; init; } = 2048;

    /// <summary>Files that are opened before the cage is closed, and with it contexts at once.</summary>
    public int SpareFiles { get; init; } = 64;
}
