using SplitVmm.Control.Client;
using SplitVmm.Control.Messages;
using SplitVmm.Control.Protocol;
using SplitVmm.GpuProcess.Device;
using SplitVmm.GpuProcess.Rendering;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Events;
using SplitVmm.Sandbox;

namespace SplitVmm.GpuProcess.Hosting;

/// <summary>What the supervisor is told: the renderer, the first pictures, and statistics while something changes.</summary>
internal sealed class GpuSupervisor : IDisposable
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(500);

    private readonly ControlConnection<GpuReport, GpuCommand> _connection;
    private ActivityTimer? _timer;
    private Control.Protocol.GpuStatistics _last = new();

    private GpuSupervisor(ControlConnection<GpuReport, GpuCommand> connection) => _connection = connection;

    /// <summary>Waits until the supervisor has welcomed this process.</summary>
    /// <param name="onEnd">Called on the loop when the process has to end.</param>
    /// <exception cref="ControlException">It did not, for the reason in one line.</exception>
    public static GpuSupervisor Attach(Descriptor socket, EventLoop loop, Action<EndReason> onEnd)
    {
        ControlConnection<GpuReport, GpuCommand>? connection = null;
        connection = ControlClient.AttachGpu(socket, new ControlClientOptions<GpuCommand>
        {
            Process = "gpu-process",
            Post = loop.Post,
            // There are no commands of this privilege yet.
            OnCommand = command => connection?.Reply(command, "not known to this gpu-process"),
            OnEnd = onEnd,
        });
        return new GpuSupervisor(connection);
    }

    /// <summary>Reports on a device from now on. On the loop's thread.</summary>
    public void Watch(GpuDevice device, IRenderer renderer, EventLoop loop)
    {
        var info = new RendererInfo
        {
            Renderer = renderer.Identity.Renderer,
            GlVersion = renderer.Identity.GlVersion,
            LibraryVersion = renderer.Identity.LibraryVersion,
        };
        if (renderer is IRenderer3d renderer3d)
        {
            foreach (Capset capset in renderer3d.Capsets)
            {
                info.Capsets.Add(capset.Id.ToString()["VIRTIO_GPU_CAPSET_".Length..].ToLowerInvariant());
            }
        }

        _connection.Report(new GpuReport { Renderer = info });
        device.FirstFlush += accelerated =>
            _connection.Report(new GpuReport { FirstFlush = new FirstFlush { Accelerated = accelerated } });
        _timer = new ActivityTimer(loop, s_interval, () => Report(device));
    }

    /// <summary>The process has given up what it does not need.</summary>
    public void Confined(SandboxState state) => _connection.Confined(state.ToReport());

    /// <summary>The process is about to end with this line.</summary>
    public void Fail(string line) => _connection.Fail(line);

    public void Dispose()
    {
        _timer?.Dispose();
        _connection.Dispose();
    }

    // Again after the interval while fences are pending: that nothing happens is news, then.
    private bool Report(GpuDevice device)
    {
        Device.GpuStatistics statistics = device.Statistics;
        TimeSpan stalled = device.Stalled;
        var now = new Control.Protocol.GpuStatistics
        {
            Frames = (ulong)statistics.Frames,
            AcceleratedFrames = (ulong)statistics.AcceleratedFrames,
            Commands = (ulong)statistics.Commands,
            Fences = (ulong)statistics.Fences,
            Contexts = (uint)statistics.Contexts,
            Resources = (uint)statistics.Resources,
            FramesSent = (ulong)statistics.FramesSent,
            DmaBufFrames = (ulong)statistics.DmaBufFrames,
            Copies = (ulong)statistics.Copies,
            FlipsNotAwaited = (ulong)statistics.FlipsNotAwaited,
            MemfdReason = statistics.MemFdReason,
            // A fence that is on its way between two reports is no news.
            StalledMs = stalled < s_interval ? 0 : (ulong)stalled.TotalMilliseconds,
        };
        if (!now.Equals(_last))
        {
            _last = now;
            _connection.Report(new GpuReport { Statistics = now });
        }

        return device.HasPendingFences;
    }
}
