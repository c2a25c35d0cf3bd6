using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using SplitVmm.Control;
using SplitVmm.Control.Protocol;
using SplitVmm.ControlServer.Machines;
using SplitVmm.ControlServer.Services;
using SplitVmm.ControlServer.Sessions;
using SplitVmm.ControlServer.Transport;
using SplitVmm.Platform.Descriptors;

namespace SplitVmm.ControlServer;

/// <summary>
/// The supervisor's gRPC server. It listens on nothing itself: its connections are ends of socket pairs whose other
/// ends children inherit, and those that the machine's control socket accepts. Each may call the one service of its
/// privilege only.
/// </summary>
public sealed class ControlHost : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly PairListener _listener;

    private ControlHost(WebApplication application, PairListener listener)
    {
        _application = application;
        _listener = listener;
    }

    public static async Task<ControlHost> StartAsync(CancellationToken cancellation = default)
    {
        // The empty builder reads no environment variable and no file: nothing can make it open a port.
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        var listener = new PairListener();
        builder.WebHost.UseKestrelCore();
        _ = builder.Services.AddSingleton<IConnectionListenerFactory>(new PairListenerFactory(listener));
        _ = builder.Services.Configure<KestrelServerOptions>(options =>
        {
            options.AddServerHeader = false;
            options.Limits.Http2.MaxStreamsPerConnection = 2;
            options.Limits.MinRequestBodyDataRate = null;
            options.Limits.MinResponseDataRate = null;
            options.Listen(listener.EndPoint, endpoint => endpoint.Protocols = HttpProtocols.Http2);
        });
        _ = builder.Services.AddGrpc(options =>
        {
            options.MaxReceiveMessageSize = ControlProtocol.MaxMessageSize;
            options.MaxSendMessageSize = ControlProtocol.MaxMessageSize;
        });
        WebApplication application = builder.Build();
        _ = application.MapGrpcService<CoreService>();
        _ = application.MapGrpcService<GpuService>();
        _ = application.MapGrpcService<DisplayService>();
        _ = application.MapGrpcService<MachineService>();
        await application.StartAsync(cancellation).ConfigureAwait(false);
        return new ControlHost(application, listener);
    }

    /// <summary>Serves vmm-core at the other end of <paramref name="end"/>, whose ownership passes.</summary>
    public ControlSession<CoreReport, CoreCommand> AcceptCore(Descriptor end, Action<CoreReport> onReport) =>
        Accept(end, new ControlSession<CoreReport, CoreCommand>("vmm-core", onReport));

    /// <summary>Serves gpu-process at the other end of <paramref name="end"/>, whose ownership passes.</summary>
    public ControlSession<GpuReport, GpuCommand> AcceptGpu(Descriptor end, Action<GpuReport> onReport) =>
        Accept(end, new ControlSession<GpuReport, GpuCommand>("gpu-process", onReport));

    /// <summary>Serves display-process at the other end of <paramref name="end"/>, whose ownership passes.</summary>
    public ControlSession<DisplayReport, DisplayCommand> AcceptDisplay(Descriptor end, Action<DisplayReport> onReport) =>
        Accept(end, new ControlSession<DisplayReport, DisplayCommand>("display-process", onReport));

    /// <summary>Serves the owner of a machine at the other end of <paramref name="end"/>, whose ownership passes.</summary>
    public void AcceptOwner(Descriptor end, IMachineApi machine) => _ = Accept(end, new MachinePeer(machine));

    /// <summary>Lets answers that are on their way out, closes every connection and stops.</summary>
    public async ValueTask DisposeAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMilliseconds(400));
        await _application.StopAsync(limit.Token).ConfigureAwait(false);
        _listener.CloseConnections();
        await _application.DisposeAsync().ConfigureAwait(false);
    }

    private TSession Accept<TSession>(Descriptor end, TSession session)
        where TSession : IControlPeer
    {
        var socket = new Socket(new SafeSocketHandle(end.Number, ownsHandle: true));
        end.SetHandleAsInvalid();
        _listener.Offer(socket, session);
        return session;
    }
}
