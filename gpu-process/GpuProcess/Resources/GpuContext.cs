using SplitVmm.GpuProcess.Replay;

namespace SplitVmm.GpuProcess.Resources;

/// <summary>A rendering context that the guest created and named.</summary>
internal sealed class GpuContext(uint id)
{
    /// <summary>The guest's name for it, never 0.</summary>
    public uint Id { get; } = id;

    /// <summary>Ids of the resources attached to it.</summary>
    public HashSet<uint> Resources { get; } = [];

    /// <summary>Follows its command streams; null: nobody keeps note.</summary>
    public VirglRecorder? Recorder { get; set; }

    /// <summary>
    /// Its state was lost with an earlier process: what the guest submits would draw with objects that do not
    /// exist, and is answered with an error.
    /// </summary>
    public bool IsLost { get; set; }
}
