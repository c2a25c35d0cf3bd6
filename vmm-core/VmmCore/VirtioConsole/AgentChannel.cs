using SplitVmm.Platform.Events;
using SplitVmm.Platform.Sockets;
using SplitVmm.Virtio.Memory;
using SplitVmm.Wires.Agent;
using SplitVmm.Wires.Framing;

namespace SplitVmm.VmmCore.VirtioConsole;

/// <summary>
/// Joins the port on which a guest's agent is found with the agent wire. Looks into no byte. Lives on the event loop's
/// thread. A wire can come, go and come again: what the agent says while there is none waits in its ring, but a session
/// whose wire went away is over, for nobody knows how much of it was read.
/// </summary>
public sealed class AgentChannel : IPortUser, IAgentWirePortHandler, IDisposable
{
    /// <summary>The name under which agents of SPICE look for their port.</summary>
    private const string PortName = "com.redhat.spice.0";

    private readonly EventLoop _loop;
    private readonly byte[] _rest = new byte[AgentProtocol.MaxData];
    private AgentWirePort? _wire;
    private bool _portIsOpen;
    private bool _inSession;
    private int _restStart;
    private int _restEnd;

    public AgentChannel(EventLoop loop, GuestMemory memory)
    {
        _loop = loop;
        Device = new ConsoleDevice(PortName, memory, loop, this);
    }

    /// <summary>Raised when the wire has ended, with what the peer did wrong or null.</summary>
    public event Action<WireError?>? WireClosed;

    /// <summary>To be added to the PCI bus, which then owns it.</summary>
    public ConsoleDevice Device { get; }

    /// <summary>Speaks over a new wire in place of the present one.</summary>
    /// <param name="socket">A connected seqpacket socket; owned from here on.</param>
    public void Attach(UnixSocket socket)
    {
        Detach();
        _wire = new AgentWirePort(_loop, socket, this);
    }

    public void Dispose() => _wire?.Dispose();

    void IPortUser.OnOpened()
    {
        _portIsOpen = true;
        _ = TryOpen();
    }

    void IPortUser.OnClosed()
    {
        _portIsOpen = false;
        _inSession = false;
        _wire?.Close();
        Forget();
    }

    bool IPortUser.TryTake(ReadOnlySpan<byte> bytes) =>
        // The ring waits for the wire's other end, and for there being one.
        _inSession && _wire?.SendData(bytes) == SocketStatus.Done;

    void IPortUser.OnRoom() => WriteRest();

    void IAgentWirePortHandler.OnReady() => OpenAndRead();

    void IAgentWirePortHandler.OnWritable() => OpenAndRead();

    void IAgentWirePortHandler.OnData(ReadOnlySpan<byte> data)
    {
        int written = Device.Write(data);
        if (written < data.Length && _portIsOpen)
        {
            data[written..].CopyTo(_rest);
            (_restStart, _restEnd) = (0, data.Length - written);
            _wire!.Hold();
        }
    }

    void IAgentWirePortHandler.OnHangUp() => Device.HangUp();

    void IAgentWirePortHandler.OnClosed(WireError? violation)
    {
        Detach();
        WireClosed?.Invoke(violation);
    }

    private void OpenAndRead()
    {
        if (_portIsOpen && (_inSession || TryOpen()))
        {
            Device.ReadOn();
        }
    }

    private bool TryOpen() => _inSession = _wire?.Open() == SocketStatus.Done;

    private void WriteRest()
    {
        if (_restStart < _restEnd)
        {
            _restStart += Device.Write(_rest.AsSpan(_restStart, _restEnd - _restStart));
            if (_restStart >= _restEnd)
            {
                Forget();
            }
        }
    }

    private void Forget()
    {
        if (_restEnd > 0)
        {
            (_restStart, _restEnd) = (0, 0);
            _wire?.Resume();
        }
    }

    private void Detach()
    {
        if (_wire is not { } wire)
        {
            return;
        }

        _wire = null;
        wire.Dispose();
        if (_inSession)
        {
            Device.HangUp();
        }
    }
}
