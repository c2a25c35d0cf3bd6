namespace SplitVmm.VmmCore.Machine;

/// <summary>Where a machine is in its life. The last two are final.</summary>
public enum MachineState
{
    /// <summary>Everything is there; no guest instruction has run.</summary>
    Ready,
    Running,
    Paused,

    /// <summary>Going back to power-on; Running follows.</summary>
    Rebooting,

    /// <summary>The guest switched itself off, or somebody switched it off.</summary>
    PoweredOff,

    /// <summary>The guest cannot go on.</summary>
    Crashed,
}
