namespace SplitVmm.Wires.Display;

/// <summary>How pixels can travel. Both hellos carry a set; what both have may be used.</summary>
[Flags]
public enum DisplayTransports : uint
{
    None = 0,

    /// <summary>Shared memory: one read-back in gpu-process, one upload in display-process.</summary>
    MemFd = 1,

    /// <summary>dma-bufs, without a copy in gpu-process.</summary>
    DmaBuf = 2,

    /// <summary>
    /// Beside <see cref="DmaBuf"/>, of a sink: it reads them with the CPU, which only ordinary memory is fit for; that of a
    /// GPU is read back faster by the GPU.
    /// </summary>
    Mapped = 4,
}
