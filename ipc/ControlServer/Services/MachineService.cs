using System.Threading.Channels;
using Grpc.Core;
using SplitVmm.Control.Protocol;
using SplitVmm.ControlServer.Machines;

namespace SplitVmm.ControlServer.Services;

/// <summary>The service of the machine's owner; a connection of one of its processes finds nobody here.</summary>
internal sealed class MachineService : MachineControl.MachineControlBase
{
    public override Task<MachineInfo> GetState(StateRequest request, ServerCallContext context) =>
        Machine(context).GetStateAsync();

    public override Task<Outcome> RestartGpu(RestartGpuRequest request, ServerCallContext context) =>
        Machine(context).RestartGpuAsync(context.CancellationToken);

    public override Task<Outcome> Stop(StopRequest request, ServerCallContext context) =>
        Machine(context).StopAsync(request.Force);

    public override Task<Outcome> Pause(PauseRequest request, ServerCallContext context) => Machine(context).PauseAsync();

    public override Task<Outcome> Resume(ResumeRequest request, ServerCallContext context) => Machine(context).ResumeAsync();

    public override Task<Outcome> Raise(RaiseRequest request, ServerCallContext context) => Machine(context).RaiseAsync();

    public override Task<Outcome> TakeScreenshot(ScreenshotRequest request, ServerCallContext context) =>
        Machine(context).TakeScreenshotAsync(request.Path, request.Head);

    public override async Task Events(
        EventsRequest request, IServerStreamWriter<MachineEvent> responseStream, ServerCallContext context)
    {
        IMachineApi machine = Machine(context);
        ChannelReader<MachineEvent> events = machine.Subscribe();
        try
        {
            // So that the caller knows from when on it hears everything.
            await context.WriteResponseHeadersAsync([]).ConfigureAwait(false);
            await foreach (MachineEvent item in events.ReadAllAsync(context.CancellationToken).ConfigureAwait(false))
            {
                await responseStream.WriteAsync(item, context.CancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            machine.Unsubscribe(events);
        }
    }

    private static IMachineApi Machine(ServerCallContext context) => Peers.Of<MachinePeer>(context).Machine;
}
