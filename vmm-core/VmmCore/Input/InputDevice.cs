using SplitVmm.Platform.Events;
using SplitVmm.Virtio.Constants;
using SplitVmm.Virtio.Memory;
using SplitVmm.VmmCore.VirtioPci;
using SplitVmm.Wires.Input;
using static SplitVmm.VmmCore.Input.EvdevCodes;
using static SplitVmm.Wires.Input.EventCodes;

namespace SplitVmm.VmmCore.Input;

/// <summary>
/// A virtio-input device (virtio 1.3 section 5.8). Reports
/// come from the event loop's thread and are passed on whole or not at all. When the guest offers no buffers they
/// wait in a bounded backlog; beyond it they are dropped, and what was lost of keys, buttons, positions and
/// contacts is made up as soon as the guest takes events again.
/// </summary>
public sealed class InputDevice : IVirtioDevice
{
    /// <summary>Linux offers at most 64 event buffers.</summary>
    private const ushort QueueSize = 64;

    private readonly Lock _gate = new();
    private readonly InputProfile _profile;
    private readonly GuestMemory _memory;
    private readonly EventLoop _loop;
    private readonly InputConfig _config;
    private readonly ReportBacklog _backlog = new();
    private readonly InputState _wanted = new();
    private readonly InputState _told = new();
    private readonly InputEvent[] _announced = new InputEvent[InputProtocol.MaxEvents];
    private readonly List<InputEvent> _difference = [];
    private IVirtioTransport? _transport;
    private ActiveInput? _active;
    private LedStates _leds;
    private bool _behind;

    /// <param name="kind">Which device of the input wire this is.</param>
    /// <param name="memory">The guest's memory, where the queues are.</param>
    /// <param name="loop">Where the guest's kicks are noticed, and <see cref="Report"/> is called.</param>
    public InputDevice(InputDeviceKind kind, GuestMemory memory, EventLoop loop)
    {
        _profile = InputProfile.Of(kind);
        _config = new InputConfig(_profile);
        _memory = memory;
        _loop = loop;
        memory.Acquire();
    }

    /// <summary>Raised on the loop's thread when the guest switches the keyboard's lights.</summary>
    public event Action<LedStates>? LedsChanged;

    public InputDeviceKind Kind => _profile.Kind;

    public VirtioDeviceId Type => VirtioDeviceId.Input;

    public ulong Features => VirtioFeatures.VIRTIO_F_EVENT_IDX | VirtioFeatures.VIRTIO_F_INDIRECT_DESC;

    public IReadOnlyList<ushort> QueueSizes { get; } = [QueueSize, QueueSize];

    public int ConfigLength => InputConfig.Length;

    public void ReadConfig(int offset, Span<byte> data) => _config.Read(offset, data);

    public void WriteConfig(int offset, ReadOnlySpan<byte> data) => _config.Write(offset, data);

    public void Connect(IVirtioTransport transport) => _transport = transport;

    public IActiveDevice? Activate(ulong features, IReadOnlyList<ActiveQueue> queues)
    {
        var inputs = new InputQueues();
        if (!inputs.TryStart(_memory, features, queues))
        {
            return null;
        }

        lock (_gate)
        {
            _active = new ActiveInput(this, inputs, queues, _loop);
            _backlog.Clear();
            _told.Clear();
            // A key that is held down while the driver starts is news to it.
            _behind = true;
            return _active;
        }
    }

    /// <summary>
    /// One whole report of this device, checked by the wire, SYN_REPORT last. Events that the device has not
    /// announced are left out.
    /// </summary>
    public void Report(ReadOnlySpan<InputEvent> report)
    {
        lock (_gate)
        {
            ReadOnlySpan<InputEvent> announced = KeepAnnounced(report);
            if (announced.Length > 1)
            {
                _wanted.Apply(announced);
                Pass(announced);
                Deliver();
            }
        }
    }

    /// <summary>The source of events is gone: every key, button and contact is released.</summary>
    public void Release()
    {
        lock (_gate)
        {
            _wanted.Release();
            _behind = true;
            Deliver();
        }
    }

    public void Dispose()
    {
        ActiveInput? active;
        lock (_gate)
        {
            active = _active;
        }

        active?.Deactivate();
        _memory.Release();
    }

    internal void EventsWanted(ActiveInput by)
    {
        lock (_gate)
        {
            if (_active == by)
            {
                Deliver();
            }
        }
    }

    internal void StatusSent(ActiveInput by)
    {
        LedStates before;
        LedStates after;
        lock (_gate)
        {
            before = _leds;
            if (_active == by && !by.Queues.TryTakeStatus(TakeStatus))
            {
                Break(by);
            }

            after = _leds;
        }

        if (before != after)
        {
            LedsChanged?.Invoke(after);
        }
    }

    internal void Deactivated(ActiveInput which)
    {
        lock (_gate)
        {
            which.Queues.Stop();
            _active = _active == which ? null : _active;
        }
    }

    private ReadOnlySpan<InputEvent> KeepAnnounced(ReadOnlySpan<InputEvent> report)
    {
        int count = 0;
        foreach (ref readonly InputEvent item in report)
        {
            if (count < _announced.Length && _profile.Announces(in item))
            {
                _announced[count++] = item;
            }
        }

        return _announced.AsSpan(0, count);
    }

    private void Pass(ReadOnlySpan<InputEvent> report)
    {
        if (_active is null || _behind || report.Length > _active.Queues.LongestReport || !_backlog.TryAdd(report))
        {
            _behind = true;
        }
        else
        {
            _told.Apply(report);
        }
    }

    private void Deliver()
    {
        if (_active is null)
        {
            return;
        }

        bool works = _active.Queues.TryDeliver(_backlog);
        if (works && _behind && _backlog.IsEmpty)
        {
            CatchUp(_active.Queues.LongestReport);
            works = _active.Queues.TryDeliver(_backlog);
        }

        if (!works)
        {
            Break(_active);
        }
    }

    private void Break(ActiveInput active)
    {
        active.Queues.Stop();
        _transport?.NeedsReset();
    }

    /// <summary>Puts the reports into the empty backlog that tell the guest what it has missed.</summary>
    private void CatchUp(int longest)
    {
        if (longest < 2)
        {
            return;
        }

        _behind = false;
        _difference.Clear();
        _told.AppendDifference(_wanted, _difference);
        Span<InputEvent> report = stackalloc InputEvent[longest];
        for (int at = 0; at < _difference.Count; at += longest - 1)
        {
            int count = Math.Min(longest - 1, _difference.Count - at);
            for (int i = 0; i < count; i++)
            {
                report[i] = _difference[at + i];
            }

            report[count] = new InputEvent(EV_SYN, SYN_REPORT, 0);
            _ = _backlog.TryAdd(report[..(count + 1)]);
        }
    }

    private void TakeStatus(InputEvent item)
    {
        if (item.Type == EV_LED && _profile.Announces(in item))
        {
            var led = (LedStates)(1u << item.Code);
            _leds = item.Value != 0 ? _leds | led : _leds & ~led;
        }
    }
}
