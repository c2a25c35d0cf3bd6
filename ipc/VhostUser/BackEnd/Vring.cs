using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Errors;
using SplitVmm.Platform.Events;
using SplitVmm.VhostUser.Messages;
using SplitVmm.Virtio.Memory;
using SplitVmm.Virtio.Queues;

namespace SplitVmm.VhostUser.BackEnd;

/// <summary>
/// One vring of a connection: what the front end has said of it, its three descriptors, and the queue while it is
/// started ("Ring states": stopped, started but disabled, started and enabled).
/// </summary>
internal sealed class Vring : IDisposable
{
    /// <summary>How often a ring without a kick descriptor is looked at.</summary>
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(1);

    /// <summary>A descriptor that is always ready and never gives a count is not one that can kick.</summary>
    private const int MaxEmptyKicks = 64;

    private readonly EventLoop _loop;
    private readonly Action<Vring> _kicked;
    private VhostVringAddr _addresses;
    private bool _hasAddresses;
    private bool _hasKick;
    private EventFd? _kick;
    private EventFd? _call;
    private EventFd? _error;
    private TimerFd? _timer;
    private Watch? _watch;
    private int _emptyKicks;

    public Vring(int index, EventLoop loop, Action<Vring> kicked)
    {
        Index = index;
        _loop = loop;
        _kicked = kicked;
    }

    public int Index { get; }

    /// <summary>Number of descriptors; 0 until the front end has said it.</summary>
    public int Size { get; set; }

    /// <summary>Where the next start goes on in the available ring.</summary>
    public ushort Base { get; set; }

    /// <summary>Whether requests may be started.</summary>
    public bool IsEnabled { get; private set; }

    /// <summary>The queue; null while stopped.</summary>
    public VhostUserQueue? Queue { get; private set; }

    /// <summary>Whether a break of the queue was reported already.</summary>
    public bool IsBreakReported { get; set; }

    /// <summary>Everything is known that starting takes.</summary>
    public bool CanStart => Queue is null && Size != 0 && _hasAddresses && _hasKick;

    public void Enable(bool enabled)
    {
        IsEnabled = enabled;
        Queue?.IsEnabled = enabled;
    }

    /// <summary>Takes the addresses, and moves a started queue to them.</summary>
    public string? TrySetAddresses(in VhostVringAddr addresses, GuestMemory memory)
    {
        string? fault = TryLayOut(addresses, memory, out SplitQueueLayout layout);
        if (fault is null && Queue is { } queue && layout != queue.Ring.Layout)
        {
            fault = Describe(queue.Ring.Rebind(memory, layout));
        }

        if (fault is null)
        {
            _addresses = addresses;
            _hasAddresses = true;
        }

        return fault;
    }

    /// <summary>Moves a started queue to a changed memory table; the user addresses stay, what they mean may not.</summary>
    public string? TryMoveTo(GuestMemory memory)
    {
        if (Queue is not { } queue)
        {
            return null;
        }

        return TryLayOut(_addresses, memory, out SplitQueueLayout layout) ?? Describe(queue.Ring.Rebind(memory, layout));
    }

    /// <summary>Makes the queue of what the front end has said.</summary>
    public string? TryStart(GuestMemory memory, ulong features, InflightRegion? inflight)
    {
        string? fault = TryLayOut(_addresses, memory, out SplitQueueLayout layout);
        if (fault is not null)
        {
            return fault;
        }

        InflightRegion? usable = inflight?.Size >= Size ? inflight : null;
        QueueError error = SplitQueue.TryCreate(memory, layout, features, Base, out SplitQueue? ring, usable);
        if (error != QueueError.None)
        {
            return Describe(error);
        }

        IsBreakReported = false;
        Queue = new VhostUserQueue(Index, ring!) { IsEnabled = IsEnabled };
        Queue.SetCall(_call);
        return null;
    }

    /// <summary>Stops the queue. The kick descriptor goes: a new start needs a new one.</summary>
    public void Stop()
    {
        if (Queue is { } queue)
        {
            Base = queue.Ring.Stop();
            Queue = null;
        }

        DropKick();
    }

    /// <summary>Takes the kick descriptor, or none for polling.</summary>
    public string? TrySetKick(Descriptor? received)
    {
        DropKick();
        try
        {
            if (received is not null)
            {
                _kick = EventFd.Adopt(received);
                _watch = _loop.Add(_kick, Readiness.In, OnKick);
            }
            else
            {
                _timer = TimerFd.Create();
                _timer.Arm(PollInterval, PollInterval);
                _watch = _loop.Add(_timer, Readiness.In, OnTimer);
            }
        }
        catch (ErrnoException exception)
        {
            // The descriptor is of a kind that cannot be waited for, a regular file for example.
            DropKick();
            return exception.Message;
        }

        _hasKick = true;
        return null;
    }

    /// <summary>Takes the interrupt line, or none.</summary>
    public void SetCall(Descriptor? received)
    {
        EventFd? former = _call;
        _call = received is null ? null : EventFd.Adopt(received);
        Queue?.SetCall(_call);
        former?.Dispose();
        if (Queue is not null)
        {
            // What was signalled on the former line may not have arrived; a spurious interrupt does no harm.
            _ = _call?.Signal();
        }
    }

    /// <summary>Takes the error line, or none.</summary>
    public void SetError(Descriptor? received)
    {
        _error?.Dispose();
        _error = received is null ? null : EventFd.Adopt(received);
    }

    public void SignalError() => _ = _error?.Signal();

    public void Dispose()
    {
        Stop();
        _call?.Dispose();
        _error?.Dispose();
        _call = null;
        _error = null;
    }

    private void OnKick(Readiness readiness)
    {
        bool counted = _kick!.TryDrain(out _);
        _emptyKicks = counted ? 0 : _emptyKicks + 1;
        if ((readiness & (Readiness.Error | Readiness.Hangup)) != 0 || _emptyKicks > MaxEmptyKicks)
        {
            // Level-triggered readiness that cannot be taken back would keep the loop from sleeping.
            _watch?.Dispose();
            _watch = null;
        }

        if (counted)
        {
            _kicked(this);
        }
    }

    private void OnTimer(Readiness readiness)
    {
        if (_timer!.TryDrain(out _))
        {
            _kicked(this);
        }
    }

    private void DropKick()
    {
        _hasKick = false;
        _emptyKicks = 0;
        _watch?.Dispose();
        _kick?.Dispose();
        _timer?.Dispose();
        _watch = null;
        _kick = null;
        _timer = null;
    }

    private string? TryLayOut(in VhostVringAddr addresses, GuestMemory memory, out SplitQueueLayout layout)
    {
        bool known = memory.TryTranslateUserAddress(addresses.Descriptor, out ulong descriptors)
            & memory.TryTranslateUserAddress(addresses.Available, out ulong available)
            & memory.TryTranslateUserAddress(addresses.Used, out ulong used);
        layout = new SplitQueueLayout(Size, descriptors, available, used);
        return known ? null : $"ring {Index}: an address lies in no memory region";
    }

    private string? Describe(QueueError error) => error == QueueError.None ? null : $"ring {Index}: {error}";
}
