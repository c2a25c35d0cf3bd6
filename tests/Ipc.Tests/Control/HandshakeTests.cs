using System.Net.Sockets;
using Grpc.Core;
using Grpc.Net.Client;
using SplitVmm.Control;
using SplitVmm.Control.Protocol;
using SplitVmm.ControlServer;
using SplitVmm.ControlServer.Sessions;
using SplitVmm.Platform.Sockets;
using Xunit;

namespace SplitVmm.Ipc.Tests.Control;

/// <summary>What a process that does not keep to the protocol hears: a plain gRPC client stands for it.</summary>
[Trait("Tier", "unit")]
public sealed class HandshakeTests : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);
    private ControlHost _host = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _host = await ControlHost.StartAsync(Cancellation);

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Hello_OtherVersion_IsRefusedWithTheRemedy()
    {
        using RawClient raw = Open(out ControlSession<GpuReport, GpuCommand> session);
        var hello = new Hello { Version = 99, Process = "gpu-process" };
        await raw.Call.RequestStream.WriteAsync(new GpuReport { Process = new ProcessReport { Hello = hello } }, Cancellation);
        Assert.True(await raw.Call.ResponseStream.MoveNext(Cancellation));
        string reason = raw.Call.ResponseStream.Current.Process.Refused.Reason;
        Assert.Contains("gpu-process speaks control protocol 99 and splitvmm speaks 1", reason, StringComparison.Ordinal);
        Assert.False(await raw.Call.ResponseStream.MoveNext(Cancellation));
        Assert.Equal(reason, await session.Ended.WaitAsync(Limit, Cancellation));
        IOException e = await Assert.ThrowsAsync<IOException>(() => session.Attached);
        Assert.Equal(reason, e.Message);
    }

    [Fact]
    public async Task FirstReport_NotAHello_IsRefused()
    {
        using RawClient raw = Open(out ControlSession<GpuReport, GpuCommand> session);
        await raw.Call.RequestStream.WriteAsync(new GpuReport { Statistics = new GpuStatistics() }, Cancellation);
        Assert.Equal("gpu-process did not begin with a hello", await session.Ended.WaitAsync(Limit, Cancellation));
    }

    [Fact]
    public async Task SecondAttach_OnOneConnection_IsRefused()
    {
        using RawClient raw = Open(out ControlSession<GpuReport, GpuCommand> session);
        var hello = new Hello { Version = ControlProtocol.Version, Process = "gpu-process" };
        await raw.Call.RequestStream.WriteAsync(new GpuReport { Process = new ProcessReport { Hello = hello } }, Cancellation);
        _ = await session.Attached.WaitAsync(Limit, Cancellation);
        using AsyncDuplexStreamingCall<GpuReport, GpuCommand> second = raw.Client.Attach(cancellationToken: Cancellation);
        RpcException e = await Assert.ThrowsAsync<RpcException>(() => second.ResponseStream.MoveNext(Cancellation));
        Assert.Equal(StatusCode.FailedPrecondition, e.StatusCode);
        Assert.False(session.Ended.IsCompleted);
    }

    [Fact]
    public async Task Report_TooLarge_EndsTheSession()
    {
        using RawClient raw = Open(out ControlSession<GpuReport, GpuCommand> session);
        var hello = new Hello { Version = ControlProtocol.Version, Process = "gpu-process" };
        hello.Capabilities.Add(new string('x', ControlProtocol.MaxMessageSize));
        try
        {
            await raw.Call.RequestStream.WriteAsync(new GpuReport { Process = new ProcessReport { Hello = hello } }, Cancellation);
        }
        catch (RpcException)
        {
            // The server may refuse it by the length alone, before all of it was sent.
        }

        _ = await session.Ended.WaitAsync(Limit, Cancellation);
        Assert.True(session.Attached.IsFaulted);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("\0\0\0\0\0\0\0\0rubbish rubbish rubbish rubbish rubbish")]
    public async Task Bytes_NotHttp2_NeverAttach(string rubbish)
    {
        (UnixSocket ours, UnixSocket theirs) = UnixSocket.CreateStreamPair();
        ControlSession<GpuReport, GpuCommand> session = _host.AcceptGpu(ours, _ => Assert.Fail("reported"));
        using (theirs)
        {
            _ = theirs.Send(System.Text.Encoding.ASCII.GetBytes(rubbish), [], out _);
            // The server may wait for what follows; the supervisor waits for Attached with a limit and then closes.
            await Task.Delay(100, Cancellation);
            Assert.False(session.Attached.IsCompletedSuccessfully);
            session.Close();
            _ = await session.Ended.WaitAsync(Limit, Cancellation);
            Assert.True(session.Attached.IsFaulted);
        }
    }

    private RawClient Open(out ControlSession<GpuReport, GpuCommand> session)
    {
        (UnixSocket ours, UnixSocket theirs) = UnixSocket.CreateStreamPair();
        session = _host.AcceptGpu(ours, _ => Assert.Fail("a report passed the handshake"));
        return new RawClient(theirs);
    }

    private sealed class RawClient : IDisposable
    {
        private readonly Socket _socket;
        private readonly GrpcChannel _channel;

        public RawClient(UnixSocket end)
        {
            _socket = new Socket(new SafeSocketHandle(end.Number, ownsHandle: true));
            end.SetHandleAsInvalid();
            _channel = GrpcChannel.ForAddress("http://supervisor", new GrpcChannelOptions
            {
                HttpHandler = new SocketsHttpHandler
                {
                    ConnectCallback = (_, _) => ValueTask.FromResult<Stream>(new NetworkStream(_socket)),
                },
                DisposeHttpClient = true,
            });
            Client = new GpuControl.GpuControlClient(_channel);
            Call = Client.Attach();
        }

        public GpuControl.GpuControlClient Client { get; }

        public AsyncDuplexStreamingCall<GpuReport, GpuCommand> Call { get; }

        public void Dispose()
        {
            Call.Dispose();
            _channel.Dispose();
            _socket.Dispose();
        }
    }
}
