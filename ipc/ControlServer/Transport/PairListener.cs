using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using SplitVmm.ControlServer.Sessions;

namespace SplitVmm.ControlServer.Transport;

/// <summary>A listener whose "accepted" connections are ends of socket pairs, each bound to one session.</summary>
internal sealed class PairListener : IConnectionListener
{
    private readonly Channel<ConnectionContext> _offered = Channel.CreateUnbounded<ConnectionContext>();
    private readonly ConcurrentDictionary<string, ConnectionContext> _open = new();
    private readonly SocketConnectionContextFactory _factory = new(
        new SocketConnectionFactoryOptions(), NullLogger.Instance);

    public EndPoint EndPoint { get; } = new PairEndPoint();

    /// <summary>Makes a connection of <paramref name="socket"/> (ownership passes) that only <paramref name="peer"/> serves.</summary>
    public void Offer(Socket socket, IControlPeer peer)
    {
        ConnectionContext connection = _factory.Create(socket);
        connection.Features.Set(peer);
        _open[connection.ConnectionId] = connection;
        _ = connection.ConnectionClosed.Register(() =>
        {
            _ = _open.TryRemove(connection.ConnectionId, out _);
            peer.OnConnectionClosed();
        });
        peer.OnConnected(connection.Abort);
        if (!_offered.Writer.TryWrite(connection))
        {
            connection.Abort();
        }
    }

    public void CloseConnections()
    {
        foreach (ConnectionContext connection in _open.Values)
        {
            connection.Abort();
        }
    }

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        bool more = await _offered.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false);
        return more && _offered.Reader.TryRead(out ConnectionContext? connection) ? connection : null;
    }

    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        _ = _offered.Writer.TryComplete();
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        _factory.Dispose();
        return UnbindAsync();
    }
}
