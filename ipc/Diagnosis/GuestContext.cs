namespace SplitVmm.Diagnosis;

/// <summary>
/// One way for a guest to draw, and what it asks of host and guest. <c>splitvmm doctor</c> checks a host against this
/// table, and docs/gpu.md shows it; a test keeps the page to it.
/// </summary>
public sealed record GuestContext
{
    /// <summary>For programs: stable.</summary>
    public required string Id { get; init; }

    public required string Title { get; init; }

    /// <summary>What <c>--gpu</c> takes for it.</summary>
    public required string Option { get; init; }

    /// <summary>This version of SplitVmm does it.</summary>
    public required bool InThisVersion { get; init; }

    /// <summary>The oldest kernel of the host; null: any that SplitVmm runs on.</summary>
    public KernelVersion? HostKernel { get; init; }

    /// <summary>What is to be said of the host's kernel besides, with an article before it; empty: nothing.</summary>
    public string HostKernelNote { get; init; } = "";

    /// <summary>
    /// The oldest series (<see cref="VirglVersion.Name"/>); null: the library is not needed. With a <see cref="HostDriver"/> it is needed
    /// only where the user asks for it: SplitVmm itself has the host half.
    /// </summary>
    public string? Virglrenderer { get; init; }

    /// <summary>The kernel driver behind the render node; null: any, or none.</summary>
    public string? HostDriver { get; init; }

    /// <summary>Such GPUs are in machines of another architecture only.</summary>
    public string? Elsewhere { get; init; }

    /// <summary>What else the host needs, for people.</summary>
    public required string HostNeeds { get; init; }

    /// <summary>Of Debian, separated by blanks.</summary>
    public string HostPackages { get; init; } = "";

    public required string GuestKernel { get; init; }

    public required string GuestMesa { get; init; }

    /// <summary>The host-visible window, in the words of <c>hostmem=</c>.</summary>
    public required string HostMemory { get; init; }

    /// <summary>Of the driver's page in Mesa's documentation.</summary>
    public required string Link { get; init; }
}
