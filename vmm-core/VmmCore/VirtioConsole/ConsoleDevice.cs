using System.Runtime.InteropServices;
using System.Text;
using SplitVmm.Platform.Events;
using SplitVmm.Virtio.Constants;
using SplitVmm.Virtio.Memory;
using SplitVmm.VmmCore.VirtioPci;

namespace SplitVmm.VmmCore.VirtioConsole;

/// <summary>
/// A virtio-console (virtio 1.3 section 5.3) for one port that has a name and carries bytes both ways; it is no console,
/// and what a driver without VIRTIO_CONSOLE_F_MULTIPORT prints goes nowhere. Nothing is buffered here: what the host's
/// side does not take stays in the guest's ring, and what the guest has no room for stays the host side's.
/// </summary>
public sealed class ConsoleDevice : IVirtioDevice
{
    /// <summary>Bytes that <see cref="IPortUser.TryTake"/> gets at most.</summary>
    public const int LargestPiece = 4096;

    private const ulong VIRTIO_CONSOLE_F_MULTIPORT = 1 << 1;

    private const ushort QueueSize = 64;

    private readonly Lock _gate = new();
    private readonly byte[] _name;
    private readonly GuestMemory _memory;
    private readonly EventLoop _loop;
    private readonly IPortUser _user;
    private readonly Action<VirtioConsoleControl> _takeControl;
    private IVirtioTransport? _transport;
    private ActiveConsole? _active;
    private bool _userKnowsOpen;

    /// <param name="name">Of the port, as programs of the guest look for it.</param>
    /// <param name="memory">The guest's memory, where the queues are.</param>
    /// <param name="loop">Where everything happens but for activation and reset.</param>
    /// <param name="user">The host's side of the port.</param>
    public ConsoleDevice(string name, GuestMemory memory, EventLoop loop, IPortUser user)
    {
        _name = Encoding.ASCII.GetBytes(name);
        _memory = memory;
        _loop = loop;
        _user = user;
        _takeControl = TakeControl;
        memory.Acquire();
    }

    public VirtioDeviceId Type => VirtioDeviceId.Console;

    public ulong Features =>
        VIRTIO_CONSOLE_F_MULTIPORT | VirtioFeatures.VIRTIO_F_EVENT_IDX | VirtioFeatures.VIRTIO_F_INDIRECT_DESC;

    public IReadOnlyList<ushort> QueueSizes { get; } = [.. Enumerable.Repeat(QueueSize, ConsoleQueues.Count)];

    public int ConfigLength => Marshal.SizeOf<VirtioConsoleConfig>();

    public void ReadConfig(int offset, Span<byte> data)
    {
        var config = new VirtioConsoleConfig { MaxNrPorts = PortControl.Id + 1 };
        MemoryMarshal.AsBytes(new ReadOnlySpan<VirtioConsoleConfig>(in config)).Slice(offset, data.Length).CopyTo(data);
    }

    /// <summary>What a driver could write belongs to a feature that is not offered.</summary>
    public void WriteConfig(int offset, ReadOnlySpan<byte> data)
    {
    }

    public void Connect(IVirtioTransport transport) => _transport = transport;

    public IActiveDevice? Activate(ulong features, IReadOnlyList<ActiveQueue> queues)
    {
        var made = new ConsoleQueues(LargestPiece);
        // Without ports the other queues do not exist (section 5.3.2).
        bool hasPorts = (features & VIRTIO_CONSOLE_F_MULTIPORT) != 0;
        ActiveQueue[] used = [.. queues.Where(queue => hasPorts || queue.Index <= ConsoleQueues.TransmitZero)];
        if (!made.TryStart(_memory, features, used))
        {
            return null;
        }

        lock (_gate)
        {
            _active = new ActiveConsole(this, made, used, _loop);
            return _active;
        }
    }

    /// <summary>Writes to the program that has the port open. On the loop's thread.</summary>
    /// <returns>Bytes that the guest had room for; for the rest <see cref="IPortUser.OnRoom"/> says when.</returns>
    public int Write(ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            int written = 0;
            if (_active is { } active && IsInUse(active))
            {
                Settle(active, ConsoleQueues.Receive, active.Queues.Write(bytes, out written));
            }

            return written;
        }
    }

    /// <summary>The host's side takes bytes again. On the loop's thread.</summary>
    public void ReadOn()
    {
        lock (_gate)
        {
            if (_active is { } active)
            {
                Serve(active, ConsoleQueues.Transmit);
            }
        }
    }

    /// <summary>
    /// Closes the host's side of the open port, until the program has closed it too and it may be opened anew. On the
    /// loop's thread.
    /// </summary>
    public void HangUp()
    {
        lock (_gate)
        {
            if (_active is { } active)
            {
                active.Control.HangUp();
                TellUser(isOpen: false);
                Settle(active, ConsoleQueues.ControlReceive, active.Queues.TellControl(active.Control, _name));
            }
        }
    }

    public void Dispose()
    {
        ActiveConsole? active;
        lock (_gate)
        {
            active = _active;
        }

        active?.Deactivate();
        _memory.Release();
    }

    /// <summary>The driver has kicked a queue. On the loop's thread.</summary>
    internal void Serve(ActiveConsole by, int index)
    {
        lock (_gate)
        {
            if (_active == by)
            {
                Settle(by, index, Turn(by, index));
            }
        }
    }

    internal void Deactivated(ActiveConsole which)
    {
        lock (_gate)
        {
            which.Queues.Stop();
            _active = _active == which ? null : _active;
        }
    }

    /// <summary>The loop has let go of an activation; of the next it does not know yet.</summary>
    internal void Ended(ActiveConsole which)
    {
        lock (_gate)
        {
            if (_active != which)
            {
                TellUser(isOpen: false);
            }
        }
    }

    private QueueTurn Turn(ActiveConsole active, int index)
    {
        switch (index)
        {
            case ConsoleQueues.TransmitZero:
                return active.Queues.Discard(index);
            case ConsoleQueues.ControlTransmit:
                QueueTurn turn = active.Queues.TakeControl(_takeControl);
                Settle(active, ConsoleQueues.ControlReceive, active.Queues.TellControl(active.Control, _name));
                return turn;
            case ConsoleQueues.ControlReceive:
                return active.Queues.TellControl(active.Control, _name);
            case ConsoleQueues.Transmit when IsInUse(active):
                return active.Queues.Read(_user);
            case ConsoleQueues.Receive when IsInUse(active):
                _user.OnRoom();
                return QueueTurn.Done;
            default:
                // Nothing is ever written to port 0, and a closed port is not read.
                return QueueTurn.Done;
        }
    }

    private void TakeControl(VirtioConsoleControl message)
    {
        // Called inside a turn of the active device, which holds the lock.
        ActiveConsole active = _active!;
        bool wasOpen = active.Control.IsOpen;
        active.Control.Take(in message);
        if (wasOpen && !active.Control.IsOpen)
        {
            // What lies in the ring was sent before, for drivers wait until their control messages were taken.
            Settle(active, ConsoleQueues.Transmit, active.Queues.Discard(ConsoleQueues.Transmit));
        }

        TellUser(active.Control.IsConnected);
    }

    // What the user knows may still be about the activation before this one.
    private bool IsInUse(ActiveConsole active) => _userKnowsOpen && active.Control.IsConnected;

    private void TellUser(bool isOpen)
    {
        if (isOpen == _userKnowsOpen)
        {
            return;
        }

        _userKnowsOpen = isOpen;
        if (isOpen)
        {
            _user.OnOpened();
        }
        else
        {
            _user.OnClosed();
        }
    }

    private void Settle(ActiveConsole active, int index, QueueTurn turn)
    {
        if (turn == QueueTurn.More)
        {
            _loop.Post(() => Serve(active, index));
        }
        else if (turn == QueueTurn.Broken)
        {
            active.Queues.Stop();
            TellUser(isOpen: false);
            _transport?.NeedsReset();
        }
    }
}
