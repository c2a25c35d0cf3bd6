using SplitVmm.Platform.Descriptors;

namespace SplitVmm.DesktopService.Spawning;

/// <summary>A program to start, and every descriptor that it will have.</summary>
/// <param name="Path">The executable.</param>
/// <param name="Arguments">Without the program's name.</param>
/// <param name="Inherited">
/// Becomes descriptor 0, 1, 2 … of the program, in this order; it has no other. The caller keeps owning them.
/// </param>
internal sealed record SpawnRequest(string Path, IReadOnlyList<string> Arguments, IReadOnlyList<Descriptor> Inherited)
{
    /// <summary>
    /// It is the leader of a session of its own, without a terminal: it is not meant to end with this program.
    /// </summary>
    public bool InNewSession { get; init; }
}
