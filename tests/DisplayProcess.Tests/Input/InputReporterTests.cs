using SplitVmm.DisplayProcess.Input;
using SplitVmm.DisplayProcess.Tests.Support;
using SplitVmm.Harness;
using SplitVmm.Platform.Events;
using SplitVmm.Platform.Sockets;
using SplitVmm.Wires.Framing;
using SplitVmm.Wires.Input;
using Xunit;
using static SplitVmm.Wires.Input.EventCodes;

namespace SplitVmm.DisplayProcess.Tests.Input;

/// <summary>With a real wire and the guest's end of it on the same loop, so that a test decides when the guest reads.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class InputReporterTests : IInputWireSinkHandler, IDisposable
{
    private readonly EventLoop _loop = new();
    private readonly EventLoop _guestLoop = new();
    private readonly List<string> _log = [];
    private readonly List<string> _reports = [];
    private readonly InputReporter _reporter;
    private readonly InputWireSink _guest;

    public InputReporterTests()
    {
        (UnixSocket first, UnixSocket second) = UnixSocket.CreateSeqPacketPair();
        _reporter = new InputReporter(_loop, first, _log.Add);
        _guest = new InputWireSink(_guestLoop, second, this);
        Settle();
    }

    [Fact]
    public void Press_KeyTwice_ReportsOnce()
    {
        _reporter.Press(30, down: true);
        _reporter.Press(30, down: true);
        _reporter.Press(30, down: false);
        _reporter.Press(30, down: false);
        _reporter.Press(0, down: true);
        Settle();

        Assert.Equal(["Keyboard 1/30/1", "Keyboard 1/30/0"], _reports);
        Assert.Equal(2u, _reporter.EventsSent);
    }

    [Fact]
    public void MoveTo_ManyTimes_ReportsTheLastBeforeAButton()
    {
        for (int i = 0; i < 100; i++)
        {
            _reporter.MoveTo(i, 2 * i);
        }

        _reporter.Press(BTN_LEFT, down: true);
        _reporter.MoveTo(5, 6);
        _reporter.Press(BTN_LEFT, down: false);
        Settle();

        Assert.Equal(["Tablet 3/0/99 3/1/198", "Tablet 1/272/1", "Tablet 3/0/5 3/1/6", "Tablet 1/272/0"], _reports);
    }

    [Fact]
    public void MoveTo_TheSamePlace_ReportsNothing()
    {
        _reporter.MoveTo(7, 7);
        _reporter.Flush();
        _reporter.MoveTo(7, 7);
        _reporter.Flush();
        Settle();

        Assert.Single(_reports);
    }

    [Fact]
    public void Turn_BothWheels_AreOneReport()
    {
        _reporter.Turn(-1, 0.5);
        Settle();

        Assert.Equal(["Tablet 2/11/-120 2/8/-1 2/12/60"], _reports);
    }

    [Fact]
    public void ReleaseAll_ReleasesKeysAndButtonsOnTheirDevices()
    {
        _reporter.Press(42, down: true);
        _reporter.Press(0x161, down: true);
        _reporter.Press(BTN_RIGHT, down: true);
        Settle();
        _reports.Clear();

        _reporter.ReleaseAll();
        _reporter.ReleaseAll();
        Settle();

        Assert.Equal(["Keyboard 1/42/0", "Tablet 1/273/0", "Keyboard 1/353/0"], _reports);
    }

    [Fact]
    public void SetRelative_MovesButtonsAndWheelToTheMouse()
    {
        _reporter.Press(BTN_LEFT, down: true);
        _reporter.SetRelative(true);
        _reporter.MoveBy(3, -4);
        _reporter.MoveBy(10, 1);
        _reporter.Press(BTN_RIGHT, down: true);
        _reporter.Turn(1, 0);
        _reporter.SetRelative(false);
        _reporter.MoveTo(5, 6);
        _reporter.Flush();
        Settle();

        Assert.Equal(
            [
                "Tablet 1/272/1", "Tablet 1/272/0", "Mouse 2/0/13 2/1/-3", "Mouse 1/273/1", "Mouse 2/11/120 2/8/1", "Mouse 1/273/0",
                "Tablet 3/0/5 3/1/6",
            ],
            _reports);
    }

    [Fact]
    public void MoveBy_WhileTheGuestIsSlow_AddsUpAndStaysInRange()
    {
        _ = FillTheSocket();

        for (int i = 0; i < 100; i++)
        {
            _reporter.MoveBy(1, -1000);
            _reporter.Flush();
        }

        Settle();

        Assert.Equal("Mouse 2/0/100 2/1/-65535", _reports[^1]);
    }

    [Fact]
    public void Touch_ReleaseAll_LiftsEveryFinger()
    {
        _reporter.Touch(8, isNew: true, 100, 200);
        _reporter.Touch(9, isNew: true, 300, 400);
        _reporter.ReleaseAll();
        _reporter.Touch(9, isNew: false, 301, 400);
        _reporter.Lift(9);
        Settle();

        Assert.Equal(
            [
                "Touch 3/47/0 3/57/0 3/53/100 3/54/200 3/0/100 3/1/200 1/330/1", "Touch 3/47/1 3/57/1 3/53/300 3/54/400",
                "Touch 3/47/0 3/57/-1", "Touch 3/47/1 3/57/-1 1/330/0",
            ],
            _reports);
    }

    [Fact]
    public void Touch_WhenTheGuestStopped_IsLiftedLater()
    {
        _reporter.Touch(1, isNew: true, 1, 2);
        _reporter.Touch(2, isNew: true, 3, 4);
        _reporter.SetRelative(true);
        _reporter.Press(BTN_LEFT, down: true);
        _ = FillTheSocket();
        for (int i = 0; i < 300; i++)
        {
            _reporter.Touch(1, isNew: false, i, i);
        }

        Settle();

        Assert.Single(_log);
        Assert.Equal(["Touch 3/47/0 3/57/-1", "Touch 3/47/1 3/57/-1", "Mouse 1/272/0", "Touch 1/330/0"], _reports[^4..]);
        _reporter.Touch(1, isNew: false, 7, 7);
        Settle();
        Assert.Equal("Touch 1/330/0", _reports[^1]);
    }

    [Fact]
    public void Press_WhileTheGuestIsSlow_KeepsOrderAndLosesNothing()
    {
        int sent = FillTheSocket();

        _reporter.Press(200, down: true);
        _reporter.MoveTo(1000, 2000);
        _reporter.MoveTo(1001, 2001);
        _reporter.Press(200, down: false);
        _reporter.MoveTo(1002, 2002);
        _reporter.Flush();
        Settle();

        Assert.Equal(["Keyboard 1/200/1", "Keyboard 1/200/0", "Tablet 3/0/1002 3/1/2002"], _reports[^3..]);
        Assert.Equal(sent + 3, _reports.Count);
        Assert.Empty(_log);
    }

    [Fact]
    public void Press_WhenTheGuestStopped_DropsAndLaterReleasesWhatItHolds()
    {
        _reporter.Press(29, down: true);
        _ = FillTheSocket();
        for (int i = 0; i < 300; i++)
        {
            _reporter.Press(30, down: true);
            _reporter.Press(30, down: false);
        }

        Settle();

        Assert.Single(_log);
        Assert.Equal("Keyboard 1/29/0", _reports[^1]);
        // No key is down at the end as the guest sees it.
        var down = new HashSet<string>();
        foreach (string[] key in _reports.Where(line => line.StartsWith("Keyboard", StringComparison.Ordinal)).Select(line => line.Split(' ', '/')))
        {
            Assert.True(key[3] == "1" ? down.Add(key[2]) : down.Remove(key[2]) || key[2] != "29");
        }

        Assert.Empty(down);
        _reports.Clear();
        _reporter.Press(29, down: true);
        Settle();
        Assert.Equal(["Keyboard 1/29/1"], _reports);
    }

    [Fact]
    public void Press_AfterTheGuestHasGone_IsDropped()
    {
        _guest.Dispose();
        Settle();

        _reporter.Press(30, down: true);
        _reporter.MoveTo(1, 1);
        _reporter.Flush();

        Assert.Equal(["input: vmm-core closed the wire"], _log);
        Assert.Equal(0u, _reporter.EventsSent);
    }

    [Fact]
    public void Press_WithoutAWire_IsDropped()
    {
        using var alone = new InputReporter(_loop, null, _log.Add);

        alone.Press(30, down: true);
        alone.ReleaseAll();

        Assert.Empty(_log);
    }

    [Fact]
    public void Leds_FromTheGuest_AreKept()
    {
        _guest.SetLeds(LedStates.LED_CAPSL);
        Settle();

        Assert.Equal(LedStates.LED_CAPSL, _reporter.Leds);
    }

    void IInputWireSinkHandler.OnEvents(InputDeviceKind device, ReadOnlySpan<InputEvent> events)
    {
        string line = device.ToString();
        foreach (InputEvent item in events[..^1])
        {
            line += $" {item.Type}/{item.Code}/{item.Value}";
        }

        _reports.Add(line);
    }

    void IInputWireSinkHandler.OnClosed(WireError? violation) => Assert.Null(violation);

    public void Dispose()
    {
        _reporter.Dispose();
        _guest.Dispose();
        _loop.Dispose();
        _guestLoop.Dispose();
    }

    // Turns the wheel until the socket is full; the guest reads nothing meanwhile.
    private int FillTheSocket()
    {
        ulong before;
        int sent = 0;
        do
        {
            before = _reporter.EventsSent;
            _reporter.Turn(1, 0);
            sent++;
        }
        while (_reporter.EventsSent != before);
        return sent + _reports.Count;
    }

    private void Settle()
    {
        long quietSince = Environment.TickCount64;
        // The guest's end pauses when it has read its budget for the moment.
        while (Environment.TickCount64 - quietSince < 60)
        {
            if (_loop.RunOnce(0) + _guestLoop.RunOnce(10) > 0)
            {
                quietSince = Environment.TickCount64;
            }
        }
    }
}
