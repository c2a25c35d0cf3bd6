using SplitVmm.Harness;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Events;
using SplitVmm.Platform.Sockets;
using SplitVmm.Wires.Framing;
using SplitVmm.Wires.Plug;
using Xunit;

namespace SplitVmm.Ipc.Tests.Wires;

/// <summary>The plug wire over a real socket pair, and its receiver against a sender without manners.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class PlugWireTests : IDisposable
{
    private readonly EventLoop _loop = new();
    private readonly RecordingPlugs _process = new();
    private readonly UnixSocket _supervisorEnd;
    private readonly UnixSocket _processEnd;

    public PlugWireTests() => (_supervisorEnd, _processEnd) = UnixSocket.CreateSeqPacketPair();

    private static WireHello Hello => new() { Magic = PlugProtocol.Magic, Version = PlugProtocol.Version };

    [Fact]
    public void Plug_BeforeTheProcessListens_ArrivesAndConnects()
    {
        (UnixSocket kept, UnixSocket given) = UnixSocket.CreateStreamPair();
        using (kept)
        {
            using var source = new PlugWireSource(_supervisorEnd);
            using (given)
            {
                Assert.Equal(SocketStatus.Done, source.Plug(new PlugOrder { Role = PlugRole.VhostUser, Device = 16 }, given));
            }

            using PlugWireSink sink = Listen();
            _loop.Drain();

            (PlugOrder order, UnixSocket socket) = Assert.Single(_process.Plugs);
            Assert.Equal((PlugRole.VhostUser, 16u), (order.Role, order.Device));
            Assert.Equal(SocketStatus.Done, kept.Send([42], [], out _));
            var received = new byte[1];
            Assert.Equal(SocketStatus.Done, socket.Receive(received, new List<Descriptor>(), out _));
            Assert.Equal(42, received[0]);
        }
    }

    [Fact]
    public void Plug_SeveralOfARole_ArriveInOrder()
    {
        using var source = new PlugWireSource(_supervisorEnd);
        using PlugWireSink sink = Listen();
        (UnixSocket first, UnixSocket second) = UnixSocket.CreateSeqPacketPair();
        using (first)
        using (second)
        {
            _ = source.Plug(new PlugOrder { Role = PlugRole.Input }, first);
            _ = source.Plug(new PlugOrder { Role = PlugRole.Input }, second);
            _loop.Drain();
        }

        Assert.Equal(2, _process.Plugs.Count);
        Assert.False(_process.IsClosed);
    }

    [Fact]
    public void Plug_ProcessGone_SaysClosed()
    {
        using var source = new PlugWireSource(_supervisorEnd);
        _processEnd.Dispose();
        (UnixSocket first, UnixSocket second) = UnixSocket.CreateSeqPacketPair();
        using (first)
        using (second)
        {
            Assert.Equal(SocketStatus.Closed, source.Plug(new PlugOrder { Role = PlugRole.Input }, first));
        }
    }

    [Fact]
    public void Plug_ProcessThatNeverReads_SaysSoInsteadOfBlocking()
    {
        using var source = new PlugWireSource(_supervisorEnd);
        (UnixSocket first, UnixSocket second) = UnixSocket.CreateSeqPacketPair();
        using (first)
        using (second)
        {
            SocketStatus status = SocketStatus.Done;
            for (int i = 0; i < 100_000 && status == SocketStatus.Done; i++)
            {
                status = source.Plug(new PlugOrder { Role = PlugRole.Input }, first);
            }

            Assert.Equal(SocketStatus.WouldBlock, status);
        }
    }

    [Fact]
    public void Sink_SupervisorGone_ClosesWithoutViolation()
    {
        using PlugWireSink sink = Listen();
        _supervisorEnd.Dispose();
        _loop.Drain();
        Assert.True(_process.IsClosed);
        Assert.True(sink.IsClosed);
        Assert.Null(_process.Violation);
    }

    [Theory]
    [InlineData(PlugProtocol.Magic + 1, 1u, 0u, "plug wire: hello.magic: 0x005347554c505654 is not that of the plug wire")]
    [InlineData(PlugProtocol.Magic, 2u, 0u, "plug wire: hello.version: the peer speaks version 2, this side version 1")]
    [InlineData(PlugProtocol.Magic, 1u, 9u, "plug wire: hello.role: 9 where 0 (the supervisor) belongs: are two sockets swapped?")]
    public void Sink_WrongHello_IsRefused(ulong magic, uint version, uint role, string violation)
    {
        using PlugWireSink sink = Listen();
        using var peer = new RawPeer(_supervisorEnd);
        peer.Send(1, new WireHello { Magic = magic, Version = version, Role = role });
        _loop.Drain();
        Assert.Equal(violation, _process.Violation?.ToString());
    }

    [Theory]
    [InlineData(0u, 0u, "plug wire: plug.role: 0 has no place in this process")]
    [InlineData(3u, 0u, "plug wire: plug.role: 3 has no place in this process")]
    [InlineData(uint.MaxValue, 0u, "plug wire: plug.role: 4294967295 has no place in this process")]
    [InlineData(1u, 0u, "plug wire: plug.device: 0 does not fit role VhostUser")]
    [InlineData(1u, 64u, "plug wire: plug.device: 64 does not fit role VhostUser")]
    [InlineData(2u, 16u, "plug wire: plug.device: 16 does not fit role Input")]
    [InlineData(4u, 16u, "plug wire: plug.device: 16 does not fit role Viewer")]
    public void Sink_OrderThatDoesNotFit_IsRefusedAndItsSocketClosed(uint role, uint device, string violation)
    {
        using PlugWireSink sink = Listen();
        using var peer = new RawPeer(_supervisorEnd);
        peer.Send(1, Hello);
        (UnixSocket kept, UnixSocket given) = UnixSocket.CreateStreamPair();
        using (kept)
        {
            using (given)
            {
                peer.Send(0x10, new PlugOrder { Role = (PlugRole)role, Device = device }, given);
            }

            _loop.Drain();
            Assert.Equal(violation, _process.Violation?.ToString());
            Assert.Empty(_process.Plugs);
            Assert.Equal(SocketStatus.Closed, kept.Receive(new byte[1], new List<Descriptor>(), out _));
        }
    }

    [Fact]
    public void Sink_PlugBeforeTheHello_IsRefused()
    {
        using PlugWireSink sink = Listen();
        using var peer = new RawPeer(_supervisorEnd);
        peer.Send(0x10, new PlugOrder { Role = PlugRole.Input });
        _loop.Drain();
        Assert.Equal("plug wire: message.type: 0x10 before the hello", _process.Violation?.ToString());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void Sink_WrongNumberOfDescriptors_IsRefused(int count)
    {
        const string Name = "plug-wire-test";
        using PlugWireSink sink = Listen();
        using var peer = new RawPeer(_supervisorEnd);
        peer.Send(1, Hello);
        using (MemFd memory = MemFd.Create(Name, 4096, Seals.None))
        {
            peer.Send(0x10, new PlugOrder { Role = PlugRole.Input }, [.. Enumerable.Repeat<Descriptor>(memory, count)]);
        }

        _loop.Drain();
        Assert.Equal($"plug wire: plug.descriptors: {count} came where 1 belong", _process.Violation?.ToString());
        Assert.Equal(0, OpenDescriptors.OfMemFd(Name));
    }

    [Fact]
    public void Sink_DescriptorThatIsNoSocket_IsRefused()
    {
        using PlugWireSink sink = Listen();
        using var peer = new RawPeer(_supervisorEnd);
        peer.Send(1, Hello);
        using (MemFd memory = MemFd.Create("plug-wire-no-socket", 4096, Seals.None))
        {
            peer.Send(0x10, new PlugOrder { Role = PlugRole.Input }, memory);
        }

        _loop.Drain();
        Assert.Equal("plug wire: plug.descriptor: it is not a socket", _process.Violation?.ToString());
    }

    [Fact]
    public void Sink_RandomMessages_EndInAViolationNeverInAnException()
    {
        var random = new Random(20261122);
        for (int round = 0; round < 500; round++)
        {
            (UnixSocket supervisorEnd, UnixSocket processEnd) = UnixSocket.CreateSeqPacketPair();
            using var process = new RecordingPlugs();
            using var sink = new PlugWireSink(_loop, processEnd, process, PlugRole.VhostUser, PlugRole.Input);
            using var peer = new RawPeer(supervisorEnd);
            if (random.Next(2) == 0)
            {
                peer.Send(1, Hello);
            }

            for (int i = 0; i < 4 && !process.IsClosed; i++)
            {
                var bytes = new byte[random.Next(1, 40)];
                random.NextBytes(bytes);
                if (bytes.Length >= 8 && random.Next(2) == 0)
                {
                    BitConverter.TryWriteBytes(bytes, random.Next(2) == 0 ? 0x10 : 1);
                    BitConverter.TryWriteBytes(bytes.AsSpan(4), bytes.Length);
                }

                _ = peer.SendBytes(bytes, [.. Enumerable.Repeat<Descriptor>(peer.Socket, random.Next(3))]);
                _loop.Drain();
            }

            Assert.NotNull(process.Violation);
            Assert.Empty(process.Plugs);
        }
    }

    public void Dispose()
    {
        _process.Dispose();
        _supervisorEnd.Dispose();
        _processEnd.Dispose();
        _loop.Dispose();
    }

    private PlugWireSink Listen() => new(_loop, _processEnd, _process, PlugRole.VhostUser, PlugRole.Input, PlugRole.Viewer);
}
