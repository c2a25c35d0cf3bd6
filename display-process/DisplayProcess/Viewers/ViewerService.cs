using SplitVmm.Control.Protocol;
using SplitVmm.Platform.Events;
using SplitVmm.Wires.Input;

namespace SplitVmm.DisplayProcess.Viewers;

/// <summary>Everything that viewers of others are to this process: they look at heads, type, point, and ask for sizes.</summary>
internal sealed class ViewerService : IDisposable
{
    private readonly DisplaySession _session;

    /// <param name="session">Shows the heads that they look at.</param>
    /// <param name="guestHasTouch">Fingers go to a touch screen of the guest.</param>
    /// <param name="log">Takes one line for the user.</param>
    public ViewerService(EventLoop loop, DisplaySession session, bool guestHasTouch, Action<string> log)
    {
        _session = session;
        Hub = new ViewerHub(loop, session.Heads, log);
        Input = new InputOfViewers(session, guestHasTouch);
        Sizes = new SizesOfViewers(loop, session);
        Hub.Left = Input.ReleaseAll;
        session.Viewers = Hub;
    }

    public ViewerHub Hub { get; }

    public InputOfViewers Input { get; }

    public SizesOfViewers Sizes { get; }

    /// <summary>What viewers are told of the heads by the supervisor.</summary>
    public ConsoleReport Describe()
    {
        LedStates leds = _session.Input.Leds;
        var consoles = new ConsoleReport
        {
            Lights = (leds.HasFlag(LedStates.LED_SCROLLL) ? 1u : 0) | (leds.HasFlag(LedStates.LED_NUML) ? 2u : 0) | (leds.HasFlag(LedStates.LED_CAPSL) ? 4u : 0),
        };
        foreach (Scanouts.Head head in _session.Heads)
        {
            consoles.Sizes.Add(new ConsoleSize { Width = (uint)(head.Canvas?.Width ?? 0), Height = (uint)(head.Canvas?.Height ?? 0) });
        }

        return consoles;
    }

    public void Dispose()
    {
        _session.Viewers = null;
        Hub.Dispose();
        Sizes.Dispose();
    }
}
