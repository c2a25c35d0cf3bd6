using Grpc.Core;
using SplitVmm.Control.Protocol;
using SplitVmm.ControlServer.Sessions;

namespace SplitVmm.ControlServer.Services;

/// <summary>The service of display-process's privilege.</summary>
internal sealed class DisplayService : DisplayControl.DisplayControlBase
{
    public override Task Attach(
        IAsyncStreamReader<DisplayReport> requestStream, IServerStreamWriter<DisplayCommand> responseStream, ServerCallContext context) =>
        Peers.Of<ControlSession<DisplayReport, DisplayCommand>>(context)
            .ServeAsync(requestStream, responseStream, context.CancellationToken);
}
