using SplitVmm.Platform.Descriptors;

namespace SplitVmm.DesktopService.Supervision.Recovery;

/// <summary>The memory in which the gpu-processes of one machine keep their journal, one after the other.</summary>
internal static class GpuJournalFile
{
    /// <summary>Room for tens of thousands of resources with scattered pages; untouched pages cost nothing.</summary>
    private const long Size = 16 << 20;

    /// <summary>Of a size that no process can change: a mapping of it never loses its ground.</summary>
    public static MemFd Create() =>
        MemFd.Create("splitvmm-gpu-journal", Size, Seals.F_SEAL_SHRINK | Seals.F_SEAL_GROW | Seals.F_SEAL_SEAL);
}
