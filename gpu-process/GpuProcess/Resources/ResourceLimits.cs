namespace SplitVmm.GpuProcess.Resources;

/// <summary>How much of the host a guest can take by making resources.</summary>
internal sealed record ResourceLimits
{
    /// <summary>Bytes of all 2D resources (<c>max_hostmem</c>; QEMU has the same default).</summary>
    public ulong MaxHostMemory { get; init; } = 256UL << 20;

    public int MaxResources { get; init; } = 65_536;

    /// <summary>Entries of one backing: 256 MiB of single pages.</summary>
    public uint MaxBackingEntries { get; init; } = 65_536;

    /// <summary>Entries of all backings, each of which takes 32 bytes here.</summary>
    public ulong MaxTotalBackingEntries { get; init; } = 4UL << 20;

    /// <summary>Bytes of one blob.</summary>
    public ulong MaxBlobBytes { get; init; } = 64UL << 30;

    public int MaxContexts { get; init; } = 1024;

    /// <summary>Bytes of one command stream.</summary>
    public uint MaxSubmitBytes { get; init; } = 16u << 20;

    /// <summary>Bytes of the journal that the commands of one context may take.</summary>
    public long MaxReplayBytes { get; init; } = 4 << 20;

    /// <summary>Pixels, either way, of a 2D resource.</summary>
    public uint MaxDimension { get; init; } = 16_384;
}
