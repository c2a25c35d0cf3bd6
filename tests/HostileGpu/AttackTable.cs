using SplitVmm.HostileGpu.Attacks;

namespace SplitVmm.HostileGpu;

/// <summary>All attacks, in the order in which the lives make them.</summary>
internal static class AttackTable
{
    public static IReadOnlyList<Attack> All { get; } =
        [.. VhostUserAttacks.All, .. SharedMemoryAttacks.All, .. DisplayAttacks.All, .. ControlAttacks.All, .. JournalAttacks.All];
}
