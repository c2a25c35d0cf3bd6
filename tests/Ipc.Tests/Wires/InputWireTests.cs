using System.Runtime.InteropServices;
using SplitVmm.Harness;
using SplitVmm.Platform.Events;
using SplitVmm.Platform.Sockets;
using SplitVmm.Wires.Framing;
using SplitVmm.Wires.Input;
using Xunit;
using static SplitVmm.Wires.Input.EventCodes;

namespace SplitVmm.Ipc.Tests.Wires;

/// <summary>Both ends of the input wire over a real socket pair, and each against a peer without manners.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class InputWireTests : IDisposable
{
    private readonly EventLoop _loop = new();
    private readonly RecordingInputSource _sourceSide = new();
    private readonly RecordingInputSink _sinkSide = new();
    private readonly UnixSocket _sourceSocket;
    private readonly UnixSocket _sinkSocket;

    public InputWireTests() => (_sourceSocket, _sinkSocket) = UnixSocket.CreateSeqPacketPair();

    private static InputEvent Report => new(EV_SYN, SYN_REPORT, 0);

    [Fact]
    public void Source_Reports_ArriveWhole()
    {
        using var source = new InputWireSource(_loop, _sourceSocket, _sourceSide);
        using var sink = new InputWireSink(_loop, _sinkSocket, _sinkSide);
        Assert.Equal(SocketStatus.WouldBlock, source.SendEvents(InputDeviceKind.Keyboard, [new(EV_KEY, 30, 1), Report]));
        _loop.Drain();
        Assert.True(_sourceSide.IsReady);

        Assert.Equal(SocketStatus.Done, source.SendEvents(InputDeviceKind.Keyboard, [new(EV_KEY, 30, 1), Report]));
        Assert.Equal(SocketStatus.Done, source.SendEvents(
            InputDeviceKind.Tablet, [new(EV_ABS, ABS_X, 0), new(EV_ABS, ABS_Y, 0x7FFF), new(EV_KEY, BTN_LEFT, 1), Report]));
        Assert.Equal(SocketStatus.Done, source.SendEvents(
            InputDeviceKind.Tablet, [new(EV_REL, REL_WHEEL, -1), new(EV_REL, REL_WHEEL_HI_RES, -120), Report]));
        Assert.Equal(SocketStatus.Done, source.SendEvents(InputDeviceKind.Mouse, [new(EV_REL, REL_X, -7), Report]));
        Assert.Equal(SocketStatus.Done, source.SendEvents(
            InputDeviceKind.Touch, [new(EV_ABS, ABS_MT_SLOT, 1), new(EV_ABS, ABS_MT_TRACKING_ID, -1), new(EV_KEY, BTN_TOUCH, 0), Report]));
        _loop.Drain();

        Assert.Equal(
            [
                "Keyboard 1/30/1 0/0/0",
                "Tablet 3/0/0 3/1/32767 1/272/1 0/0/0",
                "Tablet 2/8/-1 2/11/-120 0/0/0",
                "Mouse 2/0/-7 0/0/0",
                "Touch 3/47/1 3/57/-1 1/330/0 0/0/0",
            ],
            _sinkSide.Log);
    }

    [Fact]
    public void Sink_LedsBeforeTheHello_ArriveNewestOnly()
    {
        using var source = new InputWireSource(_loop, _sourceSocket, _sourceSide);
        using var sink = new InputWireSink(_loop, _sinkSocket, _sinkSide);

        sink.SetLeds(LedStates.LED_NUML);
        sink.SetLeds(LedStates.LED_CAPSL | LedStates.LED_SCROLLL);
        _loop.Drain();

        Assert.Equal([LedStates.LED_CAPSL | LedStates.LED_SCROLLL], _sourceSide.Leds);
    }

    [Theory]
    [InlineData(InputDeviceKind.Keyboard, EV_KEY, 0, 1)]
    [InlineData(InputDeviceKind.Keyboard, EV_KEY, 30, 2)]
    [InlineData(InputDeviceKind.Keyboard, EV_KEY, 30, -1)]
    [InlineData(InputDeviceKind.Keyboard, EV_KEY, 0x110, 1)]
    [InlineData(InputDeviceKind.Keyboard, EV_KEY, 0x300, 1)]
    [InlineData(InputDeviceKind.Keyboard, EV_ABS, 0, 1)]
    [InlineData(InputDeviceKind.Keyboard, EV_SYN, 0, 0)]
    [InlineData(InputDeviceKind.Tablet, EV_ABS, ABS_X, 0x8000)]
    [InlineData(InputDeviceKind.Tablet, EV_ABS, ABS_Y, -1)]
    [InlineData(InputDeviceKind.Tablet, EV_ABS, 2, 1)]
    [InlineData(InputDeviceKind.Tablet, EV_KEY, 30, 1)]
    [InlineData(InputDeviceKind.Tablet, EV_REL, REL_X, 1)]
    [InlineData(InputDeviceKind.Tablet, EV_REL, REL_WHEEL, 0x10000)]
    [InlineData(InputDeviceKind.Tablet, EV_KEY, REL_WHEEL, 1)]
    [InlineData(InputDeviceKind.Mouse, EV_ABS, ABS_X, 1)]
    [InlineData(InputDeviceKind.Mouse, EV_REL, REL_X, int.MinValue)]
    [InlineData(InputDeviceKind.Touch, EV_ABS, ABS_MT_SLOT, 10)]
    [InlineData(InputDeviceKind.Touch, EV_ABS, ABS_MT_TRACKING_ID, -2)]
    [InlineData(InputDeviceKind.Touch, EV_KEY, BTN_LEFT, 1)]
    [InlineData((InputDeviceKind)0, EV_KEY, 30, 1)]
    [InlineData((InputDeviceKind)5, EV_KEY, 30, 1)]
    public void Check_EventThatTheDeviceLacks_IsRefused(InputDeviceKind device, ushort type, int code, int value) =>
        Assert.NotNull(InputValidation.Check(device, [new((ushort)type, (ushort)code, value), Report]));

    [Fact]
    public void Check_ReportWithoutEndOrTooLong_IsRefused()
    {
        var key = new InputEvent(EV_KEY, 30, 1);

        Assert.Equal("input wire: events.event: the last one is not SYN_REPORT", InputValidation.Check(InputDeviceKind.Keyboard, [key, key])?.ToString());
        Assert.NotNull(InputValidation.Check(InputDeviceKind.Keyboard, [Report]));
        Assert.NotNull(InputValidation.Check(InputDeviceKind.Keyboard, [.. Enumerable.Repeat(key, 64), Report]));
        Assert.Null(InputValidation.Check(InputDeviceKind.Keyboard, [.. Enumerable.Repeat(key, 63), Report]));
    }

    [Fact]
    public void Sink_BatchWhoseCountLies_IsRefused()
    {
        using var sink = new InputWireSink(_loop, _sinkSocket, _sinkSide);
        using var peer = new RawPeer(_sourceSocket);
        peer.Send(1, new WireHello { Magic = InputProtocol.Magic, Version = 1, Role = (uint)InputRole.Source });
        InputEvent[] events = [new(EV_KEY, 30, 1), Report];
        var batch = new InputBatch { Device = InputDeviceKind.Keyboard, Count = 3 };
        byte[] body = [.. MemoryMarshal.AsBytes(new ReadOnlySpan<InputBatch>(in batch)), .. MemoryMarshal.AsBytes<InputEvent>(events)];

        peer.SendBytes(RawPeer.Message((uint)InputMessageType.Events, body));
        _loop.Drain();

        Assert.Equal("input wire: events.count: says 3 with 2 events", _sinkSide.Violation?.ToString());
        Assert.Empty(_sinkSide.Log);
    }

    [Fact]
    public void Source_UnknownLeds_AreRefused()
    {
        using var source = new InputWireSource(_loop, _sourceSocket, _sourceSide);
        using var peer = new RawPeer(_sinkSocket);
        peer.Send(1, new WireHello { Magic = InputProtocol.Magic, Version = 1, Role = (uint)InputRole.Sink });

        peer.Send((uint)InputMessageType.Leds, new InputLeds { Lit = (LedStates)0x20 });
        _loop.Drain();

        Assert.Equal("input wire: leds.lit: 0x20 has unknown bits", _sourceSide.Violation?.ToString());
    }

    [Fact]
    public void Ends_WithSwappedSockets_SaySo()
    {
        using var source = new InputWireSource(_loop, _sourceSocket, _sourceSide);
        using var other = new InputWireSource(_loop, _sinkSocket, new RecordingInputSource());

        _loop.Drain();

        Assert.Equal("input wire: hello.role: 1 where 2 (Sink) belongs: are two sockets swapped?", _sourceSide.Violation?.ToString());
    }

    public void Dispose()
    {
        _sourceSocket.Dispose();
        _sinkSocket.Dispose();
        _loop.Dispose();
    }
}
