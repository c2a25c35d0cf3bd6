using SplitVmm.Harness;
using SplitVmm.Platform.Events;
using SplitVmm.Platform.Sockets;
using SplitVmm.Virtio.Driver;
using SplitVmm.VmmCore.Input;
using SplitVmm.Wires.Framing;
using SplitVmm.Wires.Input;
using Xunit;
using static SplitVmm.Wires.Input.EventCodes;

namespace SplitVmm.VmmCore.Tests.Input;

/// <summary>From a real input wire to the devices and back.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class InputRouterTests : IDisposable
{
    private readonly EventLoop _loop = new();
    private readonly DriverMemory _memory = new(1 << 16);
    private readonly InputRouter _router;

    public InputRouterTests() => _router = new InputRouter(
        _loop, _memory.Memory, [InputDeviceKind.Keyboard, InputDeviceKind.Tablet, InputDeviceKind.Keyboard]);

    public void Dispose()
    {
        _router.Dispose();
        foreach (InputDevice device in _router.Devices)
        {
            device.Dispose();
        }

        _loop.Dispose();
        _memory.Dispose();
    }

    [Fact]
    public void Devices_OneOfEachKind()
    {
        Assert.Equal([InputDeviceKind.Keyboard, InputDeviceKind.Tablet], _router.Devices.Select(device => device.Kind));
    }

    [Fact]
    public void Attach_PeerCloses_IsReportedAndAnotherWireWorks()
    {
        List<WireError?> closed = [];
        _router.WireClosed += closed.Add;
        var source = new Source();
        using (InputWireSource first = Attach(source))
        {
            Assert.True(source.IsReady);
        }

        Pump();
        Assert.Equal([null], closed);

        using InputWireSource second = Attach(source = new Source());
        Assert.True(source.IsReady);
        Assert.Equal(SocketStatus.Done, second.SendEvents(InputDeviceKind.Tablet, [
            new InputEvent(EV_ABS, ABS_X, 1), new InputEvent(EV_SYN, SYN_REPORT, 0)]));
        Pump();
        Assert.Single(closed);
    }

    [Fact]
    public void Attach_HostilePeer_IsClosedWithTheReason()
    {
        List<WireError?> closed = [];
        _router.WireClosed += closed.Add;
        (UnixSocket ours, UnixSocket theirs) = UnixSocket.CreateSeqPacketPair();
        using (theirs)
        {
            _router.Attach(ours);
            _ = theirs.Send([1, 2, 3], [], out _);
            Pump();
        }

        Assert.NotNull(Assert.Single(closed));
    }

    private InputWireSource Attach(Source source)
    {
        (UnixSocket ours, UnixSocket theirs) = UnixSocket.CreateSeqPacketPair();
        _router.Attach(ours);
        var wire = new InputWireSource(_loop, theirs, source);
        Pump();
        return wire;
    }

    private void Pump()
    {
        while (_loop.RunOnce(0) > 0)
        {
        }
    }

    private sealed class Source : IInputWireSourceHandler
    {
        public bool IsReady { get; private set; }

        public void OnReady() => IsReady = true;

        public void OnLeds(LedStates lit)
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
