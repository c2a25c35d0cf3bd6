using Grpc.Core;
using SplitVmm.Control.Protocol;
using SplitVmm.ControlServer.Sessions;

namespace SplitVmm.ControlServer.Services;

/// <summary>The service of gpu-process's privilege.</summary>
internal sealed class GpuService : GpuControl.GpuControlBase
{
    public override Task Attach(
        IAsyncStreamReader<GpuReport> requestStream, IServerStreamWriter<GpuCommand> responseStream, ServerCallContext context) =>
        Peers.Of<ControlSession<GpuReport, GpuCommand>>(context)
            .ServeAsync(requestStream, responseStream, context.CancellationToken);
}
