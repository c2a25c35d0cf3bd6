namespace SplitVmm.GpuProcess.Device;

/// <summary>
/// What the device has done since it started. The device's thread counts; other threads read single values,
/// which are whole but not of one moment.
/// </summary>
public sealed class GpuStatistics
{
    private long _commands;
    private long _errors;
    private long _fences;
    private long _frames;
    private long _accelerated;
    private long _sent;
    private long _coalesced;
    private long _dmaBuf;
    private long _copies;
    private long _notAwaited;
    private string _memFdReason = "";
    private long _restorations;
    private int _contexts;
    private int _resources;

    /// <summary>Requests on the control queue.</summary>
    public long Commands { get => Volatile.Read(ref _commands); internal set => Volatile.Write(ref _commands, value); }

    /// <summary>Requests answered with an error.</summary>
    public long Errors { get => Volatile.Read(ref _errors); internal set => Volatile.Write(ref _errors, value); }

    /// <summary>Fences signalled.</summary>
    public long Fences { get => Volatile.Read(ref _fences); internal set => Volatile.Write(ref _fences, value); }

    /// <summary>VIRTIO_GPU_CMD_RESOURCE_FLUSH of a resource that a scanout shows.</summary>
    public long Frames { get => Volatile.Read(ref _frames); internal set => Volatile.Write(ref _frames, value); }

    /// <summary>Those of <see cref="Frames"/> whose resource is a 3D one.</summary>
    public long AcceleratedFrames { get => Volatile.Read(ref _accelerated); internal set => Volatile.Write(ref _accelerated, value); }

    /// <summary>Frames sent to the display.</summary>
    public long FramesSent { get => Volatile.Read(ref _sent); internal set => Volatile.Write(ref _sent, value); }

    /// <summary>Those of <see cref="FramesSent"/> that went as a dma-buf.</summary>
    public long DmaBufFrames { get => Volatile.Read(ref _dmaBuf); internal set => Volatile.Write(ref _dmaBuf, value); }

    /// <summary>Times that pixels of a frame were copied for the display: once for each frame by memfd.</summary>
    public long Copies { get => Volatile.Read(ref _copies); internal set => Volatile.Write(ref _copies, value); }

    /// <summary>Why the last frame went by memfd; empty: it did not.</summary>
    public string MemFdReason { get => Volatile.Read(ref _memFdReason); internal set => Volatile.Write(ref _memFdReason, value); }

    /// <summary>Times that a change waited because the display still held every buffer.</summary>
    public long FramesCoalesced { get => Volatile.Read(ref _coalesced); internal set => Volatile.Write(ref _coalesced, value); }

    /// <summary>Flips after which the guest went on although the display had not let go of the former dma-buf: it said nothing for too long.</summary>
    public long FlipsNotAwaited { get => Volatile.Read(ref _notAwaited); internal set => Volatile.Write(ref _notAwaited, value); }

    /// <summary>Times that the state of an earlier process was restored: 0 or 1.</summary>
    public long Restorations { get => Volatile.Read(ref _restorations); internal set => Volatile.Write(ref _restorations, value); }

    /// <summary>Contexts that exist.</summary>
    public int Contexts { get => Volatile.Read(ref _contexts); internal set => Volatile.Write(ref _contexts, value); }

    /// <summary>Resources that exist.</summary>
    public int Resources { get => Volatile.Read(ref _resources); internal set => Volatile.Write(ref _resources, value); }
}
