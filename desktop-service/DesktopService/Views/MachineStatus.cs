namespace SplitVmm.DesktopService.Views;

/// <summary>What the status line shows, at one moment.</summary>
internal sealed record MachineStatus
{
    /// <summary>One word: starting, running, paused, rebooting, stopping, ended.</summary>
    public string State { get; init; } = "starting";

    /// <summary>Since <c>splitvmm</c> was started.</summary>
    public TimeSpan Elapsed { get; init; }

    /// <summary>Frames shown by the display, or flushed by the guest where there is none.</summary>
    public ulong Frames { get; init; }

    /// <summary>Frames of those that a 3D context rendered.</summary>
    public ulong AcceleratedFrames { get; init; }

    public double FramesPerSecond { get; init; }

    /// <summary>Size of the picture in pixels; 0 while there is none.</summary>
    public uint Width { get; init; }

    public uint Height { get; init; }

    /// <summary>The host's GL renderer; null until gpu-process has said it.</summary>
    public string? Renderer { get; init; }

    public string? Capsets { get; init; }

    /// <summary>From the start of <c>splitvmm</c> to the first picture; null while there was none.</summary>
    public TimeSpan? FirstFrame { get; init; }

    /// <summary>The same for the first picture that a 3D context rendered.</summary>
    public TimeSpan? FirstAcceleratedFrame { get; init; }

    /// <summary>The processes are not caged.</summary>
    public bool IsSandboxOff { get; init; }

    /// <summary>Processes whose event loop does not answer, by name.</summary>
    public IReadOnlyList<string> Silent { get; init; } = [];

    /// <summary>Processes that ended and are being started again, by name.</summary>
    public IReadOnlyList<string> Down { get; init; } = [];

    /// <summary>How frames reach the display; null until display-process has said it.</summary>
    public string? FrameTransport { get; init; }

    /// <summary>Why frames are copied, or what the display does with dma-bufs; empty until there was a frame.</summary>
    public string FrameTransportReason { get; init; } = "";

    /// <summary>Frames that gpu-process sent to the display.</summary>
    public ulong FramesSent { get; init; }

    /// <summary>How often gpu-process copied pixels for them.</summary>
    public ulong GpuCopies { get; init; }

    /// <summary>Flips after which the guest went on although the display still had the former picture, having said nothing for seconds.</summary>
    public ulong FlipsNotAwaited { get; init; }

    /// <summary>Frames that display-process received.</summary>
    public ulong FramesReceived { get; init; }

    /// <summary>How often display-process copied pixels, for them and for pictures in files.</summary>
    public ulong DisplayCopies { get; init; }

    /// <summary>Microseconds from the guest's flush until the picture was shown: the median of the last pictures; 0 before the first.</summary>
    public uint FrameLatency { get; init; }

    /// <summary>The same, below which 99 of 100 stay.</summary>
    public uint FrameLatencyP99 { get; init; }

    /// <summary>How often a process died before it was asked to.</summary>
    public int Crashes { get; init; }

    /// <summary>How often a process was replaced by a new one.</summary>
    public int Restarts { get; init; }

    /// <summary>How often memory that was mapped for the guest was gone when the guest touched it.</summary>
    public ulong WindowRepairs { get; init; }
}
