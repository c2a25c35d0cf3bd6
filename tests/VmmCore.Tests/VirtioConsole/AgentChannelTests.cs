using SplitVmm.Harness;
using SplitVmm.Platform.Sockets;
using SplitVmm.VmmCore.VirtioConsole;
using SplitVmm.Wires.Agent;
using SplitVmm.Wires.Framing;
using Xunit;
using static SplitVmm.VmmCore.VirtioConsole.VirtioConsoleEvent;

namespace SplitVmm.VmmCore.Tests.VirtioConsole;

/// <summary>From the guest's port over a real agent wire to a client and back.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class AgentChannelTests : IDisposable
{
    private readonly List<WireError?> _closed = [];
    private readonly ConsoleBench _bench;
    private AgentChannel _channel = null!;

    public AgentChannelTests()
    {
        _bench = new ConsoleBench((memory, loop) =>
        {
            _channel = new AgentChannel(loop, memory.Memory);
            return _channel.Device;
        });
        _channel.WireClosed += _closed.Add;
    }

    public void Dispose()
    {
        _channel.Dispose();
        _bench.Dispose();
    }

    [Fact]
    public void Port_HasTheNameThatAgentsLookFor()
    {
        _bench.Start();
        _bench.OpenPort();
        Assert.Contains("PORT_NAME 1 1 com.redhat.spice.0", _bench.CollectControl());
    }

    [Fact]
    public void Session_BytesGoBothWaysInOrder()
    {
        using var client = new Client(this);
        _bench.Start();
        _bench.OpenPort();
        byte[] large = [.. Enumerable.Range(0, 50_000).Select(i => (byte)(i * 11))];
        _bench.Send(5, large);
        Assert.Equal(["opened"], client.Log);
        Assert.Equal(large, client.Received);

        Assert.Equal(SocketStatus.Done, client.Wire.SendData("answer"u8));
        _bench.Pump();
        Assert.Equal("answer"u8.ToArray(), Assert.Single(_bench.Collect(4)));

        _bench.SendControl(1, VIRTIO_CONSOLE_PORT_OPEN, 0);
        Assert.Equal(["opened", "over"], client.Log);
        Assert.Equal(SocketStatus.Closed, client.Wire.SendData([1]));
    }

    [Fact]
    public void Client_ComesLater_GetsEverythingFromTheFirstByteOn()
    {
        _bench.Start();
        _bench.OpenPort();
        _bench.Send(5, [1, 2, 3]);
        Assert.Equal(0, _bench.CountTaken(5));

        using var client = new Client(this);
        Assert.Equal([1, 2, 3], client.Received);
        Assert.Equal(1, _bench.CountTaken(5));
    }

    [Fact]
    public void Client_ThatReadsNothing_MakesTheRingWait()
    {
        using var client = new Client(this);
        _bench.Start();
        _bench.OpenPort();
        client.Deaf = true;
        int sent = 0;
        while (_bench.Queues[5].FreeDescriptors > 0)
        {
            _bench.Queues[5].Offer(Virtio.Driver.DriverBuffer.Readable(_bench.Memory.Allocate(32_768), 32_768));
            sent++;
        }

        _bench.Driver.Kick(5);
        client.PumpWithoutIt();
        int taken = _bench.CountTaken(5);
        Assert.InRange(taken, 1, sent - 1);

        client.Deaf = false;
        _bench.Pump();
        Assert.Equal(sent * 32_768, client.Received.Count);
        Assert.Equal(sent - taken, _bench.CountTaken(5));
    }

    [Fact]
    public void Guest_ThatReadsNothing_MakesTheClientWait()
    {
        using var client = new Client(this);
        _bench.Start(port: 1, size: 100);
        _bench.OpenPort();
        int sent = 0;
        byte[] data = new byte[AgentProtocol.MaxData];
        while (client.Wire.SendData(data) == SocketStatus.Done)
        {
            sent++;
            _bench.Pump();
            Assert.True(sent < 10_000, "the channel takes everything");
        }

        int got = _bench.Collect(4).Sum(bytes => bytes.Length);
        while (got < sent * data.Length)
        {
            _bench.OfferRoom(4, 32, 4000);
            _bench.Pump();
            int more = _bench.Collect(4).Sum(bytes => bytes.Length);
            Assert.True(more > 0, $"{got} of {sent * data.Length} bytes came");
            got += more;
        }

        Assert.True(client.Writable > 0);
    }

    [Fact]
    public void ClientLost_InASession_TheGuestStartsAnother()
    {
        _bench.Start();
        _bench.OpenPort();
        using (var first = new Client(this))
        {
            _bench.Send(5, [1]);
            Assert.Equal([1], first.Received);
            _bench.CollectControl();
        }

        _bench.Pump();
        Assert.Equal([null], _closed);
        Assert.Equal(["PORT_OPEN 1 0"], _bench.CollectControl());

        // What the program sends before it notices is of no use to the next client.
        _bench.Send(5, [2]);
        using var second = new Client(this);
        Assert.Empty(second.Log);
        _bench.SendControl(1, VIRTIO_CONSOLE_PORT_OPEN, 0);
        _bench.SendControl(1, VIRTIO_CONSOLE_PORT_OPEN, 1);
        _bench.Send(5, [3]);
        Assert.Equal([3], second.Received);
        Assert.Equal(["opened"], second.Log);
        Assert.Equal(["PORT_OPEN 1 1"], _bench.CollectControl());
    }

    [Fact]
    public void ClientLost_WithoutASession_TheGuestDoesNotNotice()
    {
        _bench.Start();
        _bench.OpenPort();
        _bench.SendControl(1, VIRTIO_CONSOLE_PORT_OPEN, 0);
        _bench.CollectControl();
        new Client(this).Dispose();
        _bench.Pump();
        Assert.Empty(_bench.CollectControl());
    }

    [Fact]
    public void ClientHangsUp_EndsThisSessionOnly()
    {
        using var client = new Client(this);
        _bench.Start();
        _bench.OpenPort();
        _bench.CollectControl();
        client.Wire.HangUp();
        _bench.Pump();
        Assert.Equal(["PORT_OPEN 1 0"], _bench.CollectControl());
        Assert.Equal(["opened", "over"], client.Log);

        _bench.SendControl(1, VIRTIO_CONSOLE_PORT_OPEN, 0);
        _bench.SendControl(1, VIRTIO_CONSOLE_PORT_OPEN, 1);
        Assert.Equal(["opened", "over", "opened"], client.Log);
        Assert.False(client.Wire.IsClosed);
    }

    [Fact]
    public void Reset_EndsTheSession_AndWhatWasForItIsForgotten()
    {
        using var client = new Client(this);
        _bench.Start(port: 0);
        _bench.OpenPort();
        Assert.Equal(SocketStatus.Done, client.Wire.SendData([1, 2, 3]));
        Assert.Equal(SocketStatus.Done, client.Wire.SendData([4, 5, 6]));
        _bench.Pump();

        _bench.Start();
        _bench.OpenPort();
        Assert.Equal(["opened", "over", "opened"], client.Log);
        Assert.Empty(_bench.Collect(4));
        Assert.Equal(SocketStatus.Done, client.Wire.SendData([7]));
        _bench.Pump();
        Assert.Equal([7], Assert.Single(_bench.Collect(4)));
    }

    [Fact]
    public void HostileClient_IsClosedWithTheReason()
    {
        (UnixSocket ours, UnixSocket theirs) = UnixSocket.CreateSeqPacketPair();
        using (theirs)
        {
            _channel.Attach(ours);
            _ = theirs.Send([1, 2, 3], [], out _);
            _bench.Pump();
        }

        Assert.NotNull(Assert.Single(_closed));
    }

    private sealed class Client : IAgentWireClientHandler, IDisposable
    {
        private readonly AgentChannelTests _test;
        private readonly Platform.Events.EventLoop _own = new();

        public Client(AgentChannelTests test)
        {
            _test = test;
            (UnixSocket ours, UnixSocket theirs) = UnixSocket.CreateSeqPacketPair();
            test._channel.Attach(ours);
            Wire = new AgentWireClient(_own, theirs, this);
            Watch = test._bench.Loop.Add(_own.ReadyDescriptor, Platform.Events.Readiness.In, _ => Pump());
            test._bench.Pump();
        }

        public AgentWireClient Wire { get; }

        public List<string> Log { get; } = [];

        public List<byte> Received { get; } = [];

        public int Writable { get; private set; }

        public bool Deaf { get; set; }

        private Platform.Events.Watch Watch { get; }

        /// <summary>Lets the device work until only this client is due.</summary>
        public void PumpWithoutIt()
        {
            for (int i = 0; i < 1000; i++)
            {
                _ = _test._bench.Loop.RunOnce(0);
            }
        }

        public void OnOpened() => Log.Add("opened");

        public void OnSessionOver() => Log.Add("over");

        public void OnData(ReadOnlySpan<byte> data) => Received.AddRange(data);

        public void OnWritable() => Writable++;

        public void OnClosed(WireError? violation) => Log.Add("closed");

        public void Dispose()
        {
            Watch.Dispose();
            Wire.Dispose();
            _own.Dispose();
        }

        private void Pump()
        {
            if (!Deaf)
            {
                _ = _own.RunOnce(0);
            }
        }
    }
}
