using System.Collections.Concurrent;
using System.Text;
using SplitVmm.Control.Protocol;
using SplitVmm.ControlServer;
using SplitVmm.ControlServer.Sessions;
using SplitVmm.DisplayProcess.Tests.Support;
using SplitVmm.Harness;
using SplitVmm.Platform.Sockets;
using SplitVmm.Wires.Input;
using Xunit;

namespace SplitVmm.DisplayProcess.Tests.Viewers;

/// <summary>What people do in viewers, from the control connection to the input wire and the display wire.</summary>
[Trait("Tier", Tiers.Unit)]
public sealed class ViewerControlTests : IAsyncLifetime
{
    private const int Width = 200;
    private const int Height = 100;

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);

    private readonly ConcurrentQueue<DisplayReport> _reports = [];
    private ControlHost _host = null!;
    private ControlSession<DisplayReport, DisplayCommand> _session = null!;
    private RunningDisplay _display = null!;
    private GuestInput _guest = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await ControlHost.StartAsync(TestContext.Current.CancellationToken);
        (UnixSocket supervisor, UnixSocket process) = UnixSocket.CreateStreamPair();
        (UnixSocket inputSource, UnixSocket inputSink) = UnixSocket.CreateSeqPacketPair();
        _session = _host.AcceptDisplay(supervisor, _reports.Enqueue);
        _guest = new GuestInput(inputSink);
        _display = new RunningDisplay(
            options => options with { HasViewers = true, HasTouch = true }, process, canBeReplugged: true, input: inputSource);
        _display.Source.WaitUntilReady();
        _ = await _session.Attached.WaitAsync(s_limit, TestContext.Current.CancellationToken);
        _display.Source.Configure(Width, Height);
        _display.Source.Show();
        // The input wire's greeting may take longer: what comes before it is dropped, as nobody waits for it.
        for (uint number = 1; !_guest.WaitUntil(guest => guest.Keys.Length > 0, 50); number = 1)
        {
            Assert.Null(await KeyAsync(number, true));
            Assert.Null(await KeyAsync(number, false));
        }

        Assert.True(_guest.WaitUntil(guest => guest.Keys.Length % 2 == 0));
        _guest.Clear();
    }

    [Fact]
    public async Task Keys_AreTheGuestsKeys()
    {
        Assert.Null(await KeyAsync(0x1E, true));
        Assert.Null(await KeyAsync(0x1E, false));
        Assert.Null(await KeyAsync(0xDB, true));
        Assert.Null(await KeyAsync(0xDB, false));
        Assert.Equal("there is no key 0", await KeyAsync(0, true));

        Assert.True(_guest.WaitUntil(guest => guest.Keys.Length == 4));
        Assert.Equal([((ushort)30, 1), ((ushort)30, 0), ((ushort)125, 1), ((ushort)125, 0)], _guest.Keys);
    }

    [Fact]
    public async Task Pointer_IsExactToThePixel_AndHasButtonsAndAWheel()
    {
        Assert.Null(await InputAsync(new ViewerInput { Position = new ViewerPosition { X = 150, Y = 99 } }));
        Assert.True(_guest.WaitUntil(guest => guest.Position is not null));
        (int x, int y) = _guest.Position!.Value;
        (uint outputWidth, uint outputHeight) = (_display.Source.Outputs[0].Width, _display.Source.Outputs[0].Height);
        Assert.Equal((1280u, 800u), (outputWidth, outputHeight));
        Assert.Equal((150, 99), (x * Width / (InputProtocol.AbsoluteMaximum + 1), y * Height / (InputProtocol.AbsoluteMaximum + 1)));
        Assert.Equal("(200, 0) is outside of the picture, which has 200x100 pixels", await InputAsync(new ViewerInput { Position = new ViewerPosition { X = 200 } }));
        Assert.Equal("monitor 3 shows no picture", await InputAsync(new ViewerInput { Position = new ViewerPosition { Head = 3 } }));

        Assert.Null(await InputAsync(new ViewerInput { Button = new ViewerButton { Number = 2, Down = true } }));
        Assert.Null(await InputAsync(new ViewerInput { Button = new ViewerButton { Number = 2 } }));
        Assert.Null(await InputAsync(new ViewerInput { Button = new ViewerButton { Number = 4, Down = true } }));
        Assert.Null(await InputAsync(new ViewerInput { Button = new ViewerButton { Number = 4 } }));
        Assert.Null(await InputAsync(new ViewerInput { Motion = new ViewerMotion { X = -3, Y = 4 } }));
        Assert.Equal("there is no button 9", await InputAsync(new ViewerInput { Button = new ViewerButton { Number = 9, Down = true } }));

        Assert.True(_guest.WaitUntil(guest => guest.Reports.Any(report => report.Device == InputDeviceKind.Mouse)));
        Assert.Equal([(EventCodes.BTN_RIGHT, 1), (EventCodes.BTN_RIGHT, 0)], _guest.Keys);
        Assert.Contains(_guest.Reports, report => report.Events.Any(item => item.Type == EventCodes.EV_REL && item.Code == EventCodes.REL_WHEEL && item.Value == -1));
        (_, InputEvent[] motion) = _guest.Reports.Last();
        Assert.Equal([(EventCodes.REL_X, -3), (EventCodes.REL_Y, 4)], motion.Select(item => (item.Code, item.Value)));
    }

    [Fact]
    public async Task Fingers_AreOnTheGuestsTouchScreen()
    {
        Assert.Null(await TouchAsync(TouchStep.Begin, 1, 20, 30));
        Assert.Null(await TouchAsync(TouchStep.Update, 1, 40, 30));
        Assert.Null(await TouchAsync(TouchStep.End, 1, 0, 0));
        Assert.Equal("there is no slot 10; the last one is 9", await TouchAsync(TouchStep.Begin, 10, 1, 1));
        Assert.Equal("(NaN, 1) is outside of the picture, which has 200x100 pixels", await TouchAsync(TouchStep.Begin, 0, double.NaN, 1));

        Assert.True(_guest.WaitUntil(guest => guest.Reports.Length == 3));
        Assert.All(_guest.Reports, report => Assert.Equal(InputDeviceKind.Touch, report.Device));
        Assert.Equal([(EventCodes.BTN_TOUCH, 1), (EventCodes.BTN_TOUCH, 0)], _guest.Keys);
    }

    [Fact]
    public async Task Viewer_ThatLeaves_LeavesNoKeyDown()
    {
        UnixSocket viewer = _display.AttachViewer();
        _ = viewer.Send(Encoding.Latin1.GetBytes("\0AUTH EXTERNAL 30\r\nBEGIN\r\n"), [], out _);
        Assert.Null(await KeyAsync(0x2A, true));
        Assert.True(_guest.WaitUntil(guest => guest.Keys.Length == 1));

        viewer.Dispose();

        Assert.True(_guest.WaitUntil(guest => guest.Keys.Length == 2));
        Assert.Equal(((ushort)42, 0), _guest.Keys[1]);
    }

    [Fact]
    public async Task Size_OfAViewer_IsTheMonitors()
    {
        Assert.Null(await SizeAsync(1024, 768));
        Assert.Null(await SizeAsync(1000, 700, 300));
        _display.Source.WaitUntil(() => _display.Source.Outputs[^1].Width == 1000, "the size");
        Assert.Equal((1u, 1000u, 700u, 300u), (_display.Source.Outputs[^1].Enabled, _display.Source.Outputs[^1].Width, _display.Source.Outputs[^1].Height, _display.Source.Outputs[^1].WidthMillimetres));
        // The one that was wanted for less than a moment, where an edge is dragged, is not told.
        Assert.Equal(2, _display.Source.Outputs.Count);
        Assert.StartsWith("0x0 is no size of a monitor", await SizeAsync(0, 0), StringComparison.Ordinal);
        Assert.StartsWith("100x20000 is no size of a monitor", await SizeAsync(100, 20000), StringComparison.Ordinal);
    }

    [Fact]
    public void Consoles_AreReportedWhenTheyChange()
    {
        WaitFor(report => report.Consoles is { Lights: 0, Sizes: [{ Width: Width, Height: Height }] });
        _guest.SetLeds(LedStates.LED_CAPSL | LedStates.LED_NUML);
        WaitFor(report => report.Consoles is { Lights: 6 });
        _display.Source.Disable();
        WaitFor(report => report.Consoles is { Sizes: [{ Width: 0 }] });
    }

    public async ValueTask DisposeAsync()
    {
        _display.Dispose();
        _guest.Dispose();
        await _host.DisposeAsync();
    }

    private void WaitFor(Func<DisplayReport, bool> condition) =>
        Assert.True(SpinWait.SpinUntil(() => _reports.Any(condition), s_limit), string.Join('\n', _reports));

    private Task<string?> InputAsync(ViewerInput input) => _session.RequestAsync(new DisplayCommand { ViewerInput = input }, s_limit);

    private Task<string?> KeyAsync(uint number, bool down) => InputAsync(new ViewerInput { Key = new ViewerKey { Number = number, Down = down } });

    private Task<string?> TouchAsync(TouchStep step, uint slot, double x, double y) =>
        InputAsync(new ViewerInput { Touch = new ViewerTouch { Step = step, Slot = slot, X = x, Y = y } });

    private Task<string?> SizeAsync(uint width, uint height, uint widthMm = 0) =>
        _session.RequestAsync(new DisplayCommand { ViewerSize = new ViewerSize { Width = width, Height = height, WidthMm = widthMm } }, s_limit);
}
