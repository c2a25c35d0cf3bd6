using static SplitVmm.VmmCore.VirtioConsole.VirtioConsoleEvent;

namespace SplitVmm.VmmCore.VirtioConsole;

/// <summary>
/// What driver and device tell each other about the port, from activation to reset (virtio 1.3 section 5.3.6.2). What the
/// driver is owed is kept as a set, so that a driver that asks without end and reads nothing costs no memory.
/// </summary>
internal sealed class PortControl
{
    /// <summary>Port 0 is the console of drivers that know no ports; nothing is on it.</summary>
    public const uint Id = 1;

    private Owed _owed;
    private bool _ready;
    private bool _hungUp;

    [Flags]
    private enum Owed
    {
        None = 0,
        Add = 1,
        Name = 2,
        Open = 4,
    }

    /// <summary>A program of the guest has it open.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>Both sides have it open. The host's, once closed, opens again when the guest has closed it too.</summary>
    public bool IsConnected => IsOpen && !_hungUp;

    /// <summary>Follows a message of the driver. What makes no sense has no effect.</summary>
    public void Take(in VirtioConsoleControl message)
    {
        bool yes = message.Value != 0;
        switch (message.Event)
        {
            case VIRTIO_CONSOLE_DEVICE_READY when yes:
                _owed |= Owed.Add;
                break;
            case VIRTIO_CONSOLE_PORT_READY when message.Id == Id && yes:
                _ready = true;
                _owed |= Owed.Name | Owed.Open;
                break;
            case VIRTIO_CONSOLE_PORT_OPEN when message.Id == Id && _ready:
                IsOpen = yes;
                if (!yes && _hungUp)
                {
                    _hungUp = false;
                    _owed |= Owed.Open;
                }

                break;
            default:
                break;
        }
    }

    /// <summary>Closes the host's side of an open port.</summary>
    public void HangUp()
    {
        if (IsOpen && !_hungUp)
        {
            _hungUp = true;
            _owed |= Owed.Open;
        }
    }

    /// <summary>The next message that the driver is owed.</summary>
    public bool TryPeek(out VirtioConsoleControl message)
    {
        message = new VirtioConsoleControl { Id = Id, Value = 1 };
        if ((_owed & Owed.Add) != 0)
        {
            message.Event = VIRTIO_CONSOLE_PORT_ADD;
        }
        else if ((_owed & Owed.Name) != 0)
        {
            message.Event = VIRTIO_CONSOLE_PORT_NAME;
        }
        else if ((_owed & Owed.Open) != 0)
        {
            message.Event = VIRTIO_CONSOLE_PORT_OPEN;
            message.Value = (ushort)(_hungUp ? 0 : 1);
        }

        return _owed != Owed.None;
    }

    /// <summary>The driver has got what <see cref="TryPeek"/> said.</summary>
    public void Told(in VirtioConsoleControl message) => _owed &= message.Event switch
    {
        VIRTIO_CONSOLE_PORT_ADD => ~Owed.Add,
        VIRTIO_CONSOLE_PORT_NAME => ~Owed.Name,
        _ => ~Owed.Open,
    };
}
