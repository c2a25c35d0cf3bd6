using SplitVmm.Harness;
using SplitVmm.Platform.Events;
using SplitVmm.Platform.Sockets;
using SplitVmm.Wires.Agent;
using SplitVmm.Wires.Framing;
using Xunit;

namespace SplitVmm.Ipc.Tests.Wires;

/// <summary>Both ends of the agent wire over a real socket pair, and each against a peer without manners.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class AgentWireTests : IDisposable
{
    private readonly EventLoop _loop = new();
    private readonly RecordingEnd _portSide = new();
    private readonly RecordingEnd _clientSide = new();
    private readonly UnixSocket _portSocket;
    private readonly UnixSocket _clientSocket;

    public AgentWireTests() => (_portSocket, _clientSocket) = UnixSocket.CreateSeqPacketPair();

    private static WireHello PortHello => new() { Magic = AgentProtocol.Magic, Version = 1, Role = (uint)AgentRole.Port };

    private static WireHello ClientHello => new() { Magic = AgentProtocol.Magic, Version = 1, Role = (uint)AgentRole.Client };

    [Fact]
    public void Numbers_Stay()
    {
        LayoutAssert.Is<AgentSession>(8, ("Number", 0), ("Reserved", 4));
        Assert.Equal("SVAGENT\0"u8.ToArray(), BitConverter.GetBytes(AgentProtocol.Magic));
        Assert.Equal([1u, 0x10, 0x11, 0x12, 0x20], Enum.GetValues<AgentMessageType>().Select(type => (uint)type));
    }

    [Fact]
    public void Session_BytesBothWays()
    {
        using var port = new AgentWirePort(_loop, _portSocket, _portSide);
        Assert.Equal(SocketStatus.WouldBlock, port.Open());
        using var client = new AgentWireClient(_loop, _clientSocket, _clientSide);
        Assert.Equal(SocketStatus.Closed, client.SendData([1]));
        _loop.Drain();
        Assert.Equal(["ready"], _portSide.Log);

        Assert.Equal(SocketStatus.Closed, port.SendData([1]));
        Assert.Equal(SocketStatus.Done, port.Open());
        Assert.Equal(SocketStatus.WouldBlock, port.Open());
        Assert.Equal(SocketStatus.Done, port.SendData([1, 2]));
        Assert.Equal(SocketStatus.Done, port.SendData(new byte[AgentProtocol.MaxData]));
        _loop.Drain();
        Assert.Equal(["opened", "data 1 2", $"{AgentProtocol.MaxData} bytes"], _clientSide.Log);

        Assert.Equal(SocketStatus.Done, client.SendData([3]));
        _loop.Drain();
        Assert.Equal(["ready", "data 3"], _portSide.Log);

        port.Close();
        Assert.Equal(SocketStatus.Done, port.Open());
        _loop.Drain();
        Assert.Equal(["over", "opened"], _clientSide.Log[^2..]);
    }

    [Fact]
    public void Data_OfASessionThatIsOver_IsDropped()
    {
        using var port = new AgentWirePort(_loop, _portSocket, _portSide);
        using var client = new AgentWireClient(_loop, _clientSocket, _clientSide);
        _loop.Drain();
        _ = port.Open();
        _loop.Drain();
        // The two cross each other.
        _ = client.SendData([1]);
        client.HangUp();
        port.Close();
        _ = port.Open();
        _loop.Drain();
        Assert.Equal(["ready"], _portSide.Log);
        Assert.Equal(["opened", "over", "opened"], _clientSide.Log);

        Assert.Equal(SocketStatus.Done, client.SendData([2]));
        _loop.Drain();
        Assert.Equal("data 2", _portSide.Log[^1]);
    }

    [Fact]
    public void HangUp_EndsWhatArrives()
    {
        using var port = new AgentWirePort(_loop, _portSocket, _portSide);
        using var client = new AgentWireClient(_loop, _clientSocket, _clientSide);
        _loop.Drain();
        _ = port.Open();
        _loop.Drain();
        client.HangUp();
        _ = port.SendData([1]);
        _loop.Drain();
        Assert.Equal(["ready", "hang-up"], _portSide.Log);
        Assert.Equal(["opened"], _clientSide.Log);
        Assert.Equal(SocketStatus.Closed, client.SendData([1]));
    }

    [Fact]
    public void FullSocket_SaysWouldBlockAndThenWritable()
    {
        using var port = new AgentWirePort(_loop, _portSocket, _portSide);
        using var peer = new RawPeer(_clientSocket);
        peer.Send(1, ClientHello);
        _loop.Drain();
        _ = port.Open();
        byte[] data = new byte[AgentProtocol.MaxData];
        int sent = 0;
        while (port.SendData(data) == SocketStatus.Done)
        {
            Assert.True(++sent < 10_000, "the socket has no end");
        }

        // The news that the session is over is not lost.
        port.Close();
        var buffer = new byte[AgentProtocol.MaxMessageSize];
        uint last = 0;
        while (peer.Socket.Receive(buffer, [], out _) == SocketStatus.Done)
        {
            last = BitConverter.ToUInt32(buffer);
            _loop.Drain();
        }

        Assert.Equal((uint)AgentMessageType.Closed, last);
        Assert.Contains("writable", _portSide.Log);
    }

    [Fact]
    public void Hold_NothingArrivesUntilResume()
    {
        using var port = new AgentWirePort(_loop, _portSocket, _portSide);
        using var client = new AgentWireClient(_loop, _clientSocket, _clientSide);
        _loop.Drain();
        _ = port.Open();
        _loop.Drain();
        port.Hold();
        _ = client.SendData([1]);
        _loop.Drain();
        Assert.Equal(["ready"], _portSide.Log);
        port.Resume();
        _loop.Drain();
        Assert.Equal(["ready", "data 1"], _portSide.Log);
    }

    [Theory]
    [InlineData(AgentProtocol.Magic + 1, 1u, 1u, "agent wire: hello.magic: 0x00544e4547415654 is not that of the agent wire")]
    [InlineData(AgentProtocol.Magic, 2u, 1u, "agent wire: hello.version: the peer speaks version 2, this side version 1")]
    [InlineData(AgentProtocol.Magic, 1u, 2u, "agent wire: hello.role: 2 where 1 (Port) belongs: are two sockets swapped?")]
    public void Client_WrongHello_IsRefused(ulong magic, uint version, uint role, string violation)
    {
        using var client = new AgentWireClient(_loop, _clientSocket, _clientSide);
        using var peer = new RawPeer(_portSocket);
        peer.Send(1, new WireHello { Magic = magic, Version = version, Role = role });
        _loop.Drain();
        Assert.Equal(violation, _clientSide.Violation?.ToString());
    }

    [Theory]
    [InlineData(0x12u, 1u, 0u, 1, "data.session: 1 is not in 1..0")]
    [InlineData(0x20u, 0u, 0u, 0, "hang-up.session: 0 is not in 1..0")]
    [InlineData(0x12u, 1u, 7u, 1, "data.reserved: 7 is not zero")]
    [InlineData(0x10u, 1u, 0u, 0, "message.type: 0x10 does not belong here")]
    [InlineData(0x20u, 1u, 0u, 3, "hang-up.size: a body of 11 bytes where 8 belong")]
    public void Port_MessageThatDoesNotBelong_IsRefused(uint type, uint session, uint reserved, int bytes, string violation)
    {
        using var port = new AgentWirePort(_loop, _portSocket, _portSide);
        using var peer = new RawPeer(_clientSocket);
        peer.Send(1, ClientHello);
        peer.SendBytes(RawPeer.Message(type, [.. BitConverter.GetBytes(session), .. BitConverter.GetBytes(reserved), .. new byte[bytes]]));
        _loop.Drain();
        Assert.Equal("agent wire: " + violation, _portSide.Violation?.ToString());
    }

    [Theory]
    [InlineData(0x12u, 1u, 1, "message.type: 0x12 does not belong here")]
    [InlineData(0x11u, 1u, 0, "message.type: 0x11 does not belong here")]
    [InlineData(0x10u, 0u, 0, "opened.session: 0 is not in 1..4294967295")]
    [InlineData(0x20u, 1u, 0, "message.type: 0x20 does not belong here")]
    public void Client_MessageThatDoesNotBelong_IsRefused(uint type, uint session, int bytes, string violation)
    {
        using var client = new AgentWireClient(_loop, _clientSocket, _clientSide);
        using var peer = new RawPeer(_portSocket);
        peer.Send(1, PortHello);
        peer.SendBytes(RawPeer.Message(type, [.. BitConverter.GetBytes((ulong)session), .. new byte[bytes]]));
        _loop.Drain();
        Assert.Equal("agent wire: " + violation, _clientSide.Violation?.ToString());
    }

    [Fact]
    public void EmptyData_AndDescriptors_AreRefused()
    {
        using var client = new AgentWireClient(_loop, _clientSocket, _clientSide);
        using var peer = new RawPeer(_portSocket);
        peer.Send(1, PortHello);
        peer.Send(0x10, new AgentSession { Number = 1 });
        peer.Send(0x12, new AgentSession { Number = 1 });
        _loop.Drain();
        Assert.Equal("agent wire: data.size: there is none", _clientSide.Violation?.ToString());

        (UnixSocket portSocket, UnixSocket clientSocket) = UnixSocket.CreateSeqPacketPair();
        using var other = new AgentWirePort(_loop, portSocket, _portSide);
        using var otherPeer = new RawPeer(clientSocket);
        otherPeer.Send(1, ClientHello, otherPeer.Socket);
        _loop.Drain();
        Assert.Equal("agent wire: hello.descriptors: 1 came where 0 belong", _portSide.Violation?.ToString());
    }

    [Fact]
    public void RandomMessages_EndInAViolationNeverInAnException()
    {
        var random = new Random(20261126);
        for (int round = 0; round < 1000; round++)
        {
            (UnixSocket ours, UnixSocket theirs) = UnixSocket.CreateSeqPacketPair();
            var end = new RecordingEnd();
            bool isPort = round % 2 == 0;
            using IDisposable wire = isPort ? new AgentWirePort(_loop, ours, end) : new AgentWireClient(_loop, ours, end);
            using var peer = new RawPeer(theirs);
            peer.Send(1, isPort ? ClientHello : PortHello);
            _loop.Drain();
            _ = (wire as AgentWirePort)?.Open();
            for (int i = 0; i < 20 && end.Violation is null; i++)
            {
                var body = new byte[random.Next(3) == 0 ? random.Next(40) : 8];
                random.NextBytes(body);
                if (body.Length >= 8 && random.Next(4) != 0)
                {
                    BitConverter.TryWriteBytes(body, (ulong)random.Next(3));
                }

                uint[] types = [1, 0x10, 0x11, 0x12, 0x20, 0x13];
                _ = peer.SendBytes(RawPeer.Message(types[random.Next(types.Length)], body));
                _loop.Drain();
            }

            Assert.NotNull(end.Violation);
        }
    }

    public void Dispose()
    {
        _portSocket.Dispose();
        _clientSocket.Dispose();
        _loop.Dispose();
    }

    private sealed class RecordingEnd : IAgentWirePortHandler, IAgentWireClientHandler
    {
        public List<string> Log { get; } = [];

        public WireError? Violation { get; private set; }

        public void OnReady() => Log.Add("ready");

        public void OnOpened() => Log.Add("opened");

        public void OnSessionOver() => Log.Add("over");

        public void OnHangUp() => Log.Add("hang-up");

        public void OnWritable() => Log.Add("writable");

        public void OnData(ReadOnlySpan<byte> data) =>
            Log.Add(data.Length > 8 ? $"{data.Length} bytes" : "data " + string.Join(' ', data.ToArray()));

        public void OnClosed(WireError? violation) => Violation = violation;
    }
}
