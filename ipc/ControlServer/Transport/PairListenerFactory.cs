using System.Net;
using Microsoft.AspNetCore.Connections;

namespace SplitVmm.ControlServer.Transport;

/// <summary>Hands Kestrel the one listener, for its own end point and no other.</summary>
internal sealed class PairListenerFactory(PairListener listener) : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    public bool CanBind(EndPoint endpoint) => ReferenceEquals(endpoint, listener.EndPoint);

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult<IConnectionListener>(listener);
}
