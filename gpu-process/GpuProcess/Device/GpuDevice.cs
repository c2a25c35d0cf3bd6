using SplitVmm.GpuProcess.Blobs;
using SplitVmm.GpuProcess.Commands;
using SplitVmm.GpuProcess.Cursors;
using SplitVmm.GpuProcess.DmaBufs;
using SplitVmm.GpuProcess.Fences;
using SplitVmm.GpuProcess.Journal;
using SplitVmm.GpuProcess.Options;
using SplitVmm.GpuProcess.Outputs;
using SplitVmm.GpuProcess.Protocol;
using SplitVmm.GpuProcess.Recovery;
using SplitVmm.GpuProcess.Rendering;
using SplitVmm.GpuProcess.Replay;
using SplitVmm.GpuProcess.Resources;
using SplitVmm.GpuProcess.Scanouts;
using SplitVmm.Platform.Events;
using SplitVmm.VhostUser.BackEnd;
using SplitVmm.VhostUser.Messages;
using SplitVmm.Virtio.Constants;
using SplitVmm.Virtio.Memory;

namespace SplitVmm.GpuProcess.Device;

/// <summary>
/// The virtio-gpu device (virtio 1.3 section 5.7) behind a vhost-user back end. Everything happens on the event
/// loop's thread, which is also the renderer's.
/// </summary>
internal sealed partial class GpuDevice : IVhostUserDevice, IDisposable
{
    private const int ControlQueueIndex = 0;
    private const int CursorQueueIndex = 1;

    /// <summary>A restoration has held when the guest has had so many requests carried out after it,</summary>
    private const int SettledCommands = 16;

    /// <summary>or when so much time has passed.</summary>
    private static readonly TimeSpan s_settledTime = TimeSpan.FromMilliseconds(500);

    // A GPU that needs longer than this for what was submitted counts as hanging when a queue is to end.
    private static readonly TimeSpan s_fencePatience = TimeSpan.FromMilliseconds(500);

    // Drivers flush right after they set a scanout; one that does not is shown all the same.
    private static readonly TimeSpan s_flushPatience = TimeSpan.FromMilliseconds(20);

    private readonly GpuState _state;
    private readonly ControlCommands _commands;
    private readonly FenceTracker? _fences;
    private readonly ControlQueue _control;
    private readonly CursorQueue _cursor;
    private readonly GpuConfigSpace _config;
    private readonly DisplayLink _display;
    private readonly TimerFd _flushTimer = TimerFd.Create();
    private readonly Watch _flushWatch;
    private readonly TimerFd _settleTimer = TimerFd.Create();
    private readonly Watch _settleWatch;
    private readonly EventLoop _loop;
    private readonly Action<string> _log;
    private readonly CursorCommands _cursorCommands;
    private readonly Action _restore;
    private readonly PictureExports _exports;
    private readonly FlipWait _flips;
    private Restoration? _restoration;
    private bool _mayRestore;
    private long _settledAt = long.MaxValue;
    private bool _flushTimerArmed;

    /// <param name="renderer">Used by this device alone, and disposed with it.</param>
    /// <param name="retired">Where a renderer with 3D reports fences; null without 3D.</param>
    /// <param name="log">Takes lines for the user.</param>
    /// <param name="journal">What an earlier process knew, and where this one writes; null: nothing is kept.</param>
    /// <param name="exports">Pictures as dma-bufs, disposed with the device; null: by the renderer alone.</param>
    public GpuDevice(
        EventLoop loop, IRenderer renderer, RetiredFences? retired, GpuOptions options, Action<string> log, GpuJournal? journal = null,
        PictureExports? exports = null)
    {
        _loop = loop;
        _log = log;
        _restore = Restore;
        _mayRestore = journal is not null;
        var resources = new ResourceTable(options.ToLimits());
        var outputs = new OutputTable(options.MaxOutputs, options.Xres, options.Yres);
        var pictures = new PictureReader(renderer);
        _exports = exports ?? new PictureExports(renderer, udmabuf: null, noUdmabuf: $"{Udmabuf.Path} is not used");
        _flips = new FlipWait(loop, Statistics);
        var dmaBufs = new DmaBufPresenter(_exports, _flips, Statistics, options.DmaBuf);
        var presenter = new ScanoutPresenter(pictures, dmaBufs, _flips, Statistics, log);
        var scanouts = new ScanoutSet(options.MaxOutputs, presenter);
        var cursors = new CursorPresenter(options.MaxOutputs, pictures, log);
        _state = new GpuState
        {
            Renderer = renderer,
            Resources = resources,
            Scanouts = scanouts,
            Cursors = cursors,
            Outputs = outputs,
            Statistics = Statistics,
            Journal = journal,
            Uploads = journal is null ? null : new UploadRecorder(journal, resources),
        };
        _cursorCommands = new CursorCommands(_state);
        var renderer3d = renderer as IRenderer3d;
        Window = new BlobWindow(options.Hostmem, renderer as IBlobRenderer, log);
        _commands = new ControlCommands(_state, Window);
        _fences = renderer3d is null || retired is null ? null : new FenceTracker(loop, renderer3d, retired, Statistics);
        _state.ContextEnded = id => _fences?.EndContext(id);
        _control = new ControlQueue(
            _commands, _state, _fences, _flips, loop, TimeSpan.FromMicroseconds(options.PollMicroseconds), OnBatchDone);
        _flips.Over = _control.FlipIsShown;
        _cursor = new CursorQueue(_cursorCommands, _state, loop);
        _config = new GpuConfigSpace((uint)options.MaxOutputs, (uint)(renderer3d?.Capsets.Length ?? 0));
        _display = new DisplayLink(loop, presenter, dmaBufs, _flips, scanouts, cursors, outputs, OnOutputsChanged, log);
        _flushWatch = loop.Add(_flushTimer, Readiness.In, _ => OnFlushTimer());
        _settleWatch = loop.Add(_settleTimer, Readiness.In, _ => OnSettleTimer());
        Features = VirtioFeatures.VIRTIO_F_VERSION_1 | VirtioFeatures.VIRTIO_F_INDIRECT_DESC | VirtioFeatures.VIRTIO_F_EVENT_IDX
            | VirtioGpuFeatures.VIRTIO_GPU_F_RESOURCE_UUID
            | (options.Blob ? VirtioGpuFeatures.VIRTIO_GPU_F_RESOURCE_BLOB : 0)
            | (options.Edid ? VirtioGpuFeatures.VIRTIO_GPU_F_EDID : 0)
            | (renderer3d is null ? 0 : VirtioGpuFeatures.VIRTIO_GPU_F_VIRGL | VirtioGpuFeatures.VIRTIO_GPU_F_CONTEXT_INIT);
    }

    /// <summary>Raised when the configuration space has changed: the back end tells the guest.</summary>
    public event Action? ConfigChanged;

    /// <summary>Raised at the first flush of a 2D and of a 3D (true) resource to a scanout.</summary>
    public event Action<bool>? FirstFlush
    {
        add => _state.FirstFlush += value;
        remove => _state.FirstFlush -= value;
    }

    public GpuStatistics Statistics { get; } = new();

    /// <summary>The longest that the guest waits for the display after a flip.</summary>
    public TimeSpan FlipPatience
    {
        set => _flips.Patience = value;
    }

    /// <summary>For how long fences have been pending and none was signalled.</summary>
    public TimeSpan Stalled => _fences?.Stalled ?? TimeSpan.Zero;

    /// <summary>Fences were asked for that have not signalled.</summary>
    public bool HasPendingFences => _fences?.Pending > 0;

    /// <summary>Where frames go.</summary>
    public DisplayLink Display => _display;

    public ulong Features { get; }

    public VhostUserProtocolFeatures ProtocolFeatures =>
        Window.Size == 0 ? VhostUserProtocolFeatures.None : VhostUserProtocolFeatures.SHMEM;

    /// <summary>The host-visible window.</summary>
    public BlobWindow Window { get; }

    public int QueueCount => 2;

    public int MaxQueueSize => 1024;

    public int ConfigSize => GpuConfigSpace.Size;

    public ulong SharedMemorySize(byte id) => id == BlobWindow.RegionId ? Window.Size : 0;

    public void ReadConfig(int offset, Span<byte> destination) => _config.Read(offset, destination);

    public bool TryWriteConfig(int offset, ReadOnlySpan<byte> source) => _config.TryWrite(offset, source);

    public void FeaturesAcknowledged(ulong features) => _state.Features = features;

    public void MemoryChanged(GuestMemory memory)
    {
        memory.Acquire();
        GuestMemory former = _state.Memory;
        _state.Memory = memory;
        _exports.Memory = memory;
        int lost = _commands.RebindBackings();
        former.Release();
        if (lost > 0)
        {
            _log($"{lost} resources lost their backing: it lies outside the new memory table");
        }
    }

    public void QueueStarted(VhostUserQueue queue)
    {
        if (queue.Index == ControlQueueIndex)
        {
            _control.Start(queue);
        }
        else
        {
            _cursor.Start(queue);
        }

        BeginRestoration();
    }

    public void QueueKicked(VhostUserQueue queue)
    {
        if (queue.Index == CursorQueueIndex)
        {
            _cursor.Drain();
            return;
        }

        _control.Drain();
    }

    public void QueueStopped(VhostUserQueue queue)
    {
        if (queue.Index == ControlQueueIndex)
        {
            // A request that goes unanswered now never will be, and the guest would wait for its fence for ever.
            _fences?.Finish(s_fencePatience);
            _control.Stop();
        }
        else
        {
            _cursor.Stop();
        }
    }

    public void Reset()
    {
        _state.Journal?.Clear();
        EndRestoration();
        _mayRestore = false;
        _commands.Reset();
        _config.Reset();
    }

    /// <summary>The guest has not gone with the connection: what the journal says of it stays true.</summary>
    public void Disconnected()
    {
        if (_settledAt != long.MaxValue)
        {
            Settle();
        }

        _state.Journal?.Freeze();
        Reset();
    }

    public void Dispose()
    {
        _state.Journal?.Freeze();
        EndRestoration();
        _commands.Reset();
        _display.Dispose();
        _flushWatch.Dispose();
        _flushTimer.Dispose();
        _settleWatch.Dispose();
        _settleTimer.Dispose();
        _fences?.Dispose();
        _commands.Dispose();
        _flips.Dispose();
        _exports.Dispose();
        _state.Memory.Release();
        _state.Renderer.Dispose();
    }

    private void OnOutputsChanged()
    {
        _config.Raise(VirtioGpuConfig.VIRTIO_GPU_EVENT_DISPLAY);
        ConfigChanged?.Invoke();
    }

    private void OnBatchDone()
    {
        if (Statistics.Commands > _settledAt)
        {
            Settle();
        }

        if (_state.Scanouts.Unflushed != 0 && !_flushTimerArmed)
        {
            _flushTimerArmed = true;
            _flushTimer.Arm(s_flushPatience, TimeSpan.Zero);
        }
    }

    private void OnFlushTimer()
    {
        _ = _flushTimer.TryDrain(out _);
        _flushTimerArmed = false;
        _state.Scanouts.PresentUnflushed();
    }
}
