namespace SplitVmm.Wires.Display;

/// <summary>How pixels can travel. Both hellos carry a set; what both have may be used.</summary>
[Flags]
public enum DisplayTransports : uint
{
    None = 0,

    /// <summary>Shared memory: one read-back in gpu-process, one upload in display-process.</summary>
    MemFd = 1,

    /// <summary>dma-bufs, without a copy. No message of version 1 uses it yet.</summary>
    DmaBuf = 2,
}
