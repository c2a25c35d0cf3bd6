using SplitVmm.Control.Client;
using SplitVmm.Control.Protocol;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Sockets;

namespace SplitVmm.StandIn;

/// <summary>A "renderer" whose name would steer the terminal if it were let to. Its Venus server hears what it has reached.</summary>
internal sealed class GpuStandIn(Script script) : StandInProcess<GpuReport, GpuCommand>(script)
{
    private UnixSocket? _venus;

    protected override ControlConnection<GpuReport, GpuCommand> Attach(
        Descriptor socket, ControlClientOptions<GpuCommand> options) => ControlClient.AttachGpu(socket, options);

    protected override void OnAttached()
    {
        _venus = InheritedDescriptor.Find(Arguments, "--venus-fd") is { } descriptor ? UnixSocket.Adopt(descriptor) : null;
        TellVenus(VenusStandIn.Attached);
        var renderer = new RendererInfo { Renderer = "stand-in\e[2J pipe", GlVersion = "4.5" };
        renderer.Capsets.Add("virgl2");
        _ = Control.Report(new GpuReport { Renderer = renderer });
    }

    protected override void OnRunning()
    {
        TellVenus(VenusStandIn.Running);
        _ = Control.Report(new GpuReport { FirstFlush = new FirstFlush { Accelerated = true } });
        _ = Control.Report(new GpuReport { Statistics = new GpuStatistics { Frames = 8, AcceleratedFrames = 7 } });
        if (Script.Reach("running") == "stalled")
        {
            _ = Control.Report(new GpuReport { Statistics = new GpuStatistics { Frames = 8, StalledMs = 1500 } });
        }
    }

    protected override void OnCommand(GpuCommand command)
    {
    }

    // It may be dead, which is the supervisor's business.
    private void TellVenus(byte step) => _ = _venus?.Send([step], [], out int _);
}
