using System.Runtime.InteropServices;
using SplitVmm.Harness;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Events;
using SplitVmm.Platform.Sockets;
using SplitVmm.Wires.Agent;
using SplitVmm.Wires.Display;
using SplitVmm.Wires.Framing;
using SplitVmm.Wires.Input;
using Xunit;

namespace SplitVmm.Ipc.Tests.Wires;

/// <summary>How a wire begins, at each end of each.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class WireHelloTests : IDisposable
{
    private readonly EventLoop _loop = new();
    private readonly RecordingInputSink _handler = new();
    private readonly UnixSocket _socket;
    private readonly RawPeer _peer;

    public WireHelloTests()
    {
        (_socket, UnixSocket other) = UnixSocket.CreateSeqPacketPair();
        _peer = new RawPeer(other);
    }

    [Fact]
    public void Hello_OfEachEnd_HasItsBytes()
    {
        Assert.Equal("0100000018000000" + "5356494E50555400" + "0100000001000000", First(s => new InputWireSource(_loop, s, new RecordingInputSource())));
        Assert.Equal("0100000018000000" + "5356494E50555400" + "0100000002000000", First(s => new InputWireSink(_loop, s, _handler)));
        Assert.Equal("0100000018000000" + "53564147454E5400" + "0100000001000000", First(s => new AgentWirePort(_loop, s, new SilentAgent())));
        Assert.Equal("0100000018000000" + "53564147454E5400" + "0100000002000000", First(s => new AgentWireClient(_loop, s, new SilentAgent())));
        Assert.Equal(
            "0100000020000000" + "5356444953504C59" + "0200000001000000" + "0100000000000000",
            First(s => new DisplayWireSource(_loop, s, new RecordingSource())));
        Assert.Equal(
            "0100000030000000" + "5356444953504C59" + "0200000002000000" + "0100000001000000" + "4152323400000000" + "0700000000000000",
            First(s => new DisplayWireSink(
                _loop, s, new RecordingSink(), DisplayTransports.MemFd, [new PictureFormat(DrmFourcc.DRM_FORMAT_ARGB8888, 7)])));
    }

    [Fact]
    public void Hello_WithoutRoom_GoesBeforeAllElse()
    {
        int before = Fill();
        using var sink = new InputWireSink(_loop, _socket, _handler);
        _peer.Send(WireHello.Type, Hello);
        _loop.Drain();
        for (int i = 0; i < before; i++)
        {
            Assert.True(TryReceive(out _));
        }

        // There is room, and the sink has not heard of it yet.
        sink.SetLeds(LedStates.LED_CAPSL);
        Assert.False(TryReceive(out _));
        _loop.Drain();
        Assert.True(TryReceive(out byte[] first));
        Assert.Equal(WireHello.Type, MemoryMarshal.Read<WireHeader>(first).Type);
        Assert.True(TryReceive(out byte[] second));
        Assert.Equal((uint)InputMessageType.Leds, MemoryMarshal.Read<WireHeader>(second).Type);
        Assert.False(TryReceive(out _));
        Assert.Null(_handler.Violation);
    }

    [Fact]
    public void Hello_ASecondOne_IsRefused()
    {
        using var sink = new InputWireSink(_loop, _socket, _handler);
        _peer.Send(WireHello.Type, Hello);
        _peer.Send(WireHello.Type, Hello);
        _loop.Drain();
        Assert.Equal("input wire: message.type: a second hello", _handler.Violation?.ToString());
    }

    [Theory]
    [InlineData(15, "input wire: hello.size: a body of 15 bytes where 16 belong")]
    [InlineData(17, "input wire: hello.size: a body of 17 bytes where 16 belong")]
    public void Hello_OfAnotherSize_IsRefused(int size, string violation)
    {
        using var sink = new InputWireSink(_loop, _socket, _handler);
        byte[] body = [.. MemoryMarshal.AsBytes(new ReadOnlySpan<WireHello>([Hello])), 0];
        _peer.SendBytes(RawPeer.Message(WireHello.Type, body.AsSpan(0, size)));
        _loop.Drain();
        Assert.Equal(violation, _handler.Violation?.ToString());
    }

    [Fact]
    public void Hello_WithADescriptor_IsRefused()
    {
        using var sink = new InputWireSink(_loop, _socket, _handler);
        using var file = EventFd.Create();
        _peer.Send(WireHello.Type, Hello, file);
        _loop.Drain();
        Assert.Equal("input wire: hello.descriptors: 1 came where 0 belong", _handler.Violation?.ToString());
    }

    [Fact]
    public void Message_BeforeTheHello_IsRefused()
    {
        using var sink = new InputWireSink(_loop, _socket, _handler);
        _peer.Send((uint)InputMessageType.Events, default(InputBatch));
        _loop.Drain();
        Assert.Equal("input wire: message.type: 0x10 before the hello", _handler.Violation?.ToString());
    }

    public void Dispose()
    {
        _peer.Dispose();
        _socket.Dispose();
        _loop.Dispose();
    }

    private static WireHello Hello => new() { Magic = InputProtocol.Magic, Version = InputProtocol.Version, Role = (uint)InputRole.Source };

    /// <summary>What an end says first.</summary>
    private string First(Func<UnixSocket, IDisposable> listen)
    {
        (UnixSocket ours, UnixSocket theirs) = UnixSocket.CreateSeqPacketPair();
        using (theirs)
        using (listen(ours))
        {
            byte[] buffer = new byte[256];
            Assert.Equal(SocketStatus.Done, theirs.Receive(buffer, new List<Descriptor>(), out int received));
            return Convert.ToHexString(buffer, 0, received);
        }
    }

    /// <summary>Leaves no room in the socket.</summary>
    /// <returns>How many messages lie in it.</returns>
    private int Fill()
    {
        int count = 0;
        while (_socket.Send(RawPeer.Message(99, new byte[16]), default, out _) == SocketStatus.Done)
        {
            count++;
        }

        return count;
    }

    private bool TryReceive(out byte[] message)
    {
        message = new byte[256];
        return _peer.Socket.Receive(message, new List<Descriptor>(), out _) == SocketStatus.Done;
    }

    private sealed class SilentAgent : IAgentWirePortHandler, IAgentWireClientHandler
    {
        public void OnReady()
        {
        }

        public void OnOpened()
        {
        }

        public void OnSessionOver()
        {
        }

        public void OnData(ReadOnlySpan<byte> data)
        {
        }

        public void OnHangUp()
        {
        }

        public void OnWritable()
        {
        }

        public void OnClosed(WireError? violation)
        {
        }
    }
}
