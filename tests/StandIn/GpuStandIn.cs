using SplitVmm.Control.Client;
using SplitVmm.Control.Protocol;
using SplitVmm.Platform.Descriptors;

namespace SplitVmm.StandIn;

/// <summary>A "renderer" whose name would steer the terminal if it were let to.</summary>
internal sealed class GpuStandIn(Script script) : StandInProcess<GpuReport, GpuCommand>(script)
{
    protected override ControlConnection<GpuReport, GpuCommand> Attach(
        Descriptor socket, ControlClientOptions<GpuCommand> options) => ControlClient.AttachGpu(socket, options);

    protected override void OnAttached()
    {
        var renderer = new RendererInfo { Renderer = "stand-in\e[2J pipe", GlVersion = "4.5" };
        renderer.Capsets.Add("virgl2");
        _ = Control.Report(new GpuReport { Renderer = renderer });
    }

    protected override void OnRunning()
    {
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
}
