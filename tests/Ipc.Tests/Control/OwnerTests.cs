using System.Threading.Channels;
using Grpc.Core;
using SplitVmm.Control.Client;
using SplitVmm.Control.Protocol;
using SplitVmm.ControlServer;
using SplitVmm.ControlServer.Machines;
using SplitVmm.Harness;
using SplitVmm.Platform.Sockets;
using Xunit;

namespace SplitVmm.Ipc.Tests.Control;

/// <summary>The privilege of a machine's owner, and that no process of the machine has it.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class OwnerTests : IAsyncLifetime
{
    private readonly Machine _machine = new();
    private ControlHost _host = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _host = await ControlHost.StartAsync(Cancellation);

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Owner_IsServed()
    {
        using MachineConnection owner = Connect(asOwner: true);
        Assert.Equal("m", (await owner.Machine.GetStateAsync(new StateRequest(), cancellationToken: Cancellation)).Name);
        Assert.Equal("later", (await owner.Machine.RestartGpuAsync(new RestartGpuRequest(), cancellationToken: Cancellation)).Error);
        using AsyncServerStreamingCall<MachineEvent> events = owner.Machine.Events(new EventsRequest(), cancellationToken: Cancellation);
        _ = await events.ResponseHeadersAsync;
        Assert.True(_machine.Events.Writer.TryWrite(new MachineEvent { Kind = "notice", Text = "hear" }));
        Assert.True(await events.ResponseStream.MoveNext(Cancellation));
        Assert.Equal("hear", events.ResponseStream.Current.Text);
        _ = _machine.Events.Writer.TryComplete();
        Assert.False(await events.ResponseStream.MoveNext(Cancellation));
    }

    [Fact]
    public async Task ProcessOfTheMachine_IsNoOwner()
    {
        using MachineConnection process = Connect(asOwner: false);
        RpcException stop = await Assert.ThrowsAsync<RpcException>(
            async () => await process.Machine.StopAsync(new StopRequest { Force = true }, cancellationToken: Cancellation));
        Assert.Equal(StatusCode.PermissionDenied, stop.StatusCode);
        RpcException state = await Assert.ThrowsAsync<RpcException>(
            async () => await process.Machine.GetStateAsync(new StateRequest(), cancellationToken: Cancellation));
        Assert.Equal(StatusCode.PermissionDenied, state.StatusCode);
        Assert.Equal(0, _machine.Stops);
    }

    private MachineConnection Connect(bool asOwner)
    {
        (UnixSocket ours, UnixSocket theirs) = UnixSocket.CreateStreamPair();
        if (asOwner)
        {
            _host.AcceptOwner(ours, _machine);
        }
        else
        {
            _ = _host.AcceptGpu(ours, _ => { });
        }

        return new MachineConnection(theirs);
    }

    private sealed class Machine : IMachineApi
    {
        public Channel<MachineEvent> Events { get; } = Channel.CreateUnbounded<MachineEvent>();

        public int Stops { get; private set; }

        public Task<MachineInfo> GetStateAsync() => Task.FromResult(new MachineInfo { Name = "m" });

        public Task<Outcome> RestartGpuAsync(CancellationToken cancellation) => Task.FromResult(new Outcome { Error = "later" });

        public Task<Outcome> StopAsync(bool force)
        {
            Stops++;
            return Task.FromResult(new Outcome());
        }

        public Task<Outcome> PauseAsync() => Task.FromResult(new Outcome());

        public Task<Outcome> ResumeAsync() => Task.FromResult(new Outcome());

        public Task<Outcome> RaiseAsync() => Task.FromResult(new Outcome());

        public Task<Outcome> TakeScreenshotAsync(string path, uint head) => Task.FromResult(new Outcome());

        public ChannelReader<MachineEvent> Subscribe() => Events.Reader;

        public void Unsubscribe(ChannelReader<MachineEvent> events)
        {
        }
    }
}
