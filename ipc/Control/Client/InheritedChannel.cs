using System.Net.Sockets;
using Grpc.Net.Client;
using SplitVmm.Platform.Descriptors;

namespace SplitVmm.Control.Client;

/// <summary>
/// A gRPC channel over one connected stream socket that was inherited: HTTP/2 without TLS, no name, no path. The
/// socket cannot be dialled again, so the first end of the connection is the end of the channel.
/// </summary>
internal sealed class InheritedChannel : IDisposable
{
    private readonly Socket _socket;
    private readonly GrpcChannel _channel;
    private int _connections;

    /// <summary>Takes ownership of <paramref name="connected"/>.</summary>
    public InheritedChannel(Descriptor connected)
    {
        _socket = new Socket(new SafeSocketHandle(connected.Number, ownsHandle: true));
        connected.SetHandleAsInvalid();
        _channel = GrpcChannel.ForAddress("http://supervisor", new GrpcChannelOptions
        {
            HttpHandler = new SocketsHttpHandler
            {
                ConnectCallback = (_, _) => ValueTask.FromResult<Stream>(Connect()),
                EnableMultipleHttp2Connections = false,
                PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
                PooledConnectionLifetime = Timeout.InfiniteTimeSpan,
                UseProxy = false,
                UseCookies = false,
                AllowAutoRedirect = false,
            },
            DisposeHttpClient = true,
            MaxReceiveMessageSize = ControlProtocol.MaxMessageSize,
            MaxSendMessageSize = ControlProtocol.MaxMessageSize,
            MaxRetryAttempts = null,
        });
    }

    public Grpc.Core.CallInvoker Calls => _channel.CreateCallInvoker();

    public void Dispose()
    {
        _channel.Dispose();
        _socket.Dispose();
    }

    private NetworkStream Connect() => Interlocked.Increment(ref _connections) == 1
        ? new NetworkStream(_socket, ownsSocket: false)
        : throw new IOException("the supervisor has closed the control connection");
}
