using SplitVmm.Platform.Events;
using SplitVmm.Platform.Sockets;
using SplitVmm.Virtio.Memory;
using SplitVmm.Wires.Framing;
using SplitVmm.Wires.Input;

namespace SplitVmm.VmmCore.Input;

/// <summary>
/// Takes reports from the input wire to the guest's input devices, and the keyboard's lights back. Lives on the
/// event loop's thread. Without a wire the devices are there and silent; a wire can come, go and come again.
/// </summary>
public sealed class InputRouter : IInputWireSinkHandler, IDisposable
{
    private readonly EventLoop _loop;
    private InputWireSink? _wire;
    private LedStates _leds;

    /// <param name="kinds">The devices that the guest shall have.</param>
    public InputRouter(EventLoop loop, GuestMemory memory, IEnumerable<InputDeviceKind> kinds)
    {
        _loop = loop;
        Devices = [.. kinds.Distinct().Select(kind => new InputDevice(kind, memory, loop))];
        foreach (InputDevice device in Devices)
        {
            device.LedsChanged += SetLeds;
        }
    }

    /// <summary>Raised when the wire has ended, with what the peer did wrong or null.</summary>
    public event Action<WireError?>? WireClosed;

    /// <summary>To be added to the PCI bus, which then owns them.</summary>
    public IReadOnlyList<InputDevice> Devices { get; }

    /// <summary>Listens to a new wire in place of the present one.</summary>
    /// <param name="socket">A connected seqpacket socket; owned from here on.</param>
    public void Attach(UnixSocket socket)
    {
        Detach();
        _wire = new InputWireSink(_loop, socket, this);
        _wire.SetLeds(_leds);
    }

    void IInputWireSinkHandler.OnEvents(InputDeviceKind device, ReadOnlySpan<InputEvent> events)
    {
        foreach (InputDevice candidate in Devices)
        {
            if (candidate.Kind == device)
            {
                candidate.Report(events);
            }
        }
    }

    void IInputWireSinkHandler.OnClosed(WireError? violation)
    {
        Detach();
        WireClosed?.Invoke(violation);
    }

    public void Dispose() => _wire?.Dispose();

    private void Detach()
    {
        if (_wire is null)
        {
            return;
        }

        _wire.Dispose();
        _wire = null;
        foreach (InputDevice device in Devices)
        {
            device.Release();
        }
    }

    private void SetLeds(LedStates lit)
    {
        _leds = lit;
        _wire?.SetLeds(lit);
    }
}
