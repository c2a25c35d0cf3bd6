using Grpc.Core;
using SplitVmm.Control.Protocol;
using SplitVmm.ControlServer.Sessions;

namespace SplitVmm.ControlServer.Services;

/// <summary>The service of vmm-core's privilege.</summary>
internal sealed class CoreService : CoreControl.CoreControlBase
{
    public override Task Attach(
        IAsyncStreamReader<CoreReport> requestStream, IServerStreamWriter<CoreCommand> responseStream, ServerCallContext context) =>
        Peers.Of<ControlSession<CoreReport, CoreCommand>>(context)
            .ServeAsync(requestStream, responseStream, context.CancellationToken);
}
