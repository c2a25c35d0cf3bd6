using SplitVmm.Platform.Events;
using SplitVmm.Platform.Sockets;
using SplitVmm.Wires.Framing;
using SplitVmm.Wires.Input;

namespace SplitVmm.DisplayProcess.Tests.Support;

/// <summary>A vmm-core for tests: notes the input that arrives, on a thread of its own.</summary>
internal sealed class GuestInput : IInputWireSinkHandler, IDisposable
{
    private readonly EventLoop _loop = new();
    private readonly InputWireSink _wire;
    private readonly Thread _thread;
    private readonly List<(InputDeviceKind Device, InputEvent[] Events)> _reports = [];

    public GuestInput(UnixSocket socket)
    {
        _wire = new InputWireSink(_loop, socket, this);
        _thread = new Thread(_loop.Run) { IsBackground = true };
        _thread.Start();
    }

    public WireError? Violation { get; private set; }

    /// <summary>All so far, SYN_REPORT left out.</summary>
    public (InputDeviceKind Device, InputEvent[] Events)[] Reports
    {
        get
        {
            lock (_reports)
            {
                return [.. _reports];
            }
        }
    }

    /// <summary>Key and button events so far, as code and value.</summary>
    public (ushort Code, int Value)[] Keys =>
        [.. Reports.SelectMany(report => report.Events).Where(item => item.Type == EventCodes.EV_KEY).Select(item => (item.Code, item.Value))];

    /// <summary>The tablet's last position; null before the first.</summary>
    public (int X, int Y)? Position
    {
        get
        {
            InputEvent[]? last = Reports.Select(report => report.Events).LastOrDefault(events => events[0].Type == EventCodes.EV_ABS);
            return last is null ? null : (last[0].Value, last[1].Value);
        }
    }

    public void Clear()
    {
        lock (_reports)
        {
            _reports.Clear();
        }
    }

    public void SetLeds(LedStates lit) => _loop.Post(() => _wire.SetLeds(lit));

    public bool WaitUntil(Func<GuestInput, bool> condition, int milliseconds = 10_000)
    {
        long end = Environment.TickCount64 + milliseconds;
        while (!condition(this))
        {
            if (Environment.TickCount64 > end)
            {
                return false;
            }

            Thread.Sleep(10);
        }

        return true;
    }

    public void OnEvents(InputDeviceKind device, ReadOnlySpan<InputEvent> events)
    {
        lock (_reports)
        {
            _reports.Add((device, events[..^1].ToArray()));
        }
    }

    public void OnClosed(WireError? violation) => Violation = violation;

    public void Dispose()
    {
        _loop.Stop();
        _thread.Join();
        _wire.Dispose();
        _loop.Dispose();
    }
}
