using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Events;
using SplitVmm.Platform.Sockets;
using SplitVmm.VhostUser.FrontEnd;
using SplitVmm.VhostUser.Messages;
using SplitVmm.Virtio.Constants;
using SplitVmm.Virtio.Memory;
using SplitVmm.VmmCore.SharedMemory;
using SplitVmm.VmmCore.VirtioPci;

namespace SplitVmm.VmmCore.Devices;

/// <summary>
/// A virtio device that another process implements. Kicks and interrupts go between the guest and that process
/// by eventfd; this class starts and stops its queues and passes the configuration through. It knows no device
/// type. When the connection is lost, the guest goes on running. A recoverable device is then away: it answers from
/// what is known, kicks wait in their eventfds, and the next back end (<see cref="Reconnect"/>) goes on where the
/// last one stopped. Of any other device the driver sees DEVICE_NEEDS_RESET.
/// </summary>
/// <remarks>
/// Calls come from vCPU threads with the transport's lock held, from the loop's thread, and from the thread that
/// speaks to a new back end. Locks are taken in the order transport, <see cref="_gate"/>, request link; the loop's
/// thread takes <see cref="_gate"/> never, so that a back end that hangs does not stop it.
/// </remarks>
public sealed class VhostUserDevice : IVirtioDevice
{
    private readonly VhostUserDeviceOptions _options;
    private readonly EventLoop _loop;
    private readonly GuestMemory _memory;
    private readonly BackEndConfig _config;
    private readonly EventFd _queueError = EventFd.Create();
    private readonly Watch _queueErrorWatch;

    /// <summary>Guards what the back end is told of the driver: <see cref="_active"/>, <see cref="_mustReset"/>.</summary>
    private readonly Lock _gate = new();
    private ActiveVhostUser? _active;
    private bool _mustReset;

    private BackEndConnection _connection;
    private BackEndConnection? _serving;
    private Thread? _reconnecting;
    private IVirtioTransport? _transport;
    private SharedMemoryWindow? _window;

    private VhostUserDevice(VhostUserDeviceOptions options, UnixSocket socket, GuestMemory memory, EventLoop loop)
    {
        _options = options;
        _loop = loop;
        _memory = memory;
        memory.Acquire();
        _config = new BackEndConfig(options);
        _queueErrorWatch = loop.Add(_queueError, Readiness.In, OnQueueError);
        _connection = Connect(socket);
    }

    /// <summary>Raised on the loop's thread when the back end is gone; the text says why in one line.</summary>
    public event Action<VhostUserDevice, string>? ConnectionLost;

    /// <summary>Raised on the loop's thread, with a line that says what, when the back end asked for something impossible.</summary>
    public event Action<VhostUserDevice, string>? Refused;

    /// <summary>Raised on the loop's thread when a new back end has taken over.</summary>
    public event Action<VhostUserDevice>? Reconnected;

    public VirtioDeviceId Type => _options.Type;

    public ulong Features { get; private set; }

    public IReadOnlyList<ushort> QueueSizes { get; private set; } = [];

    public int ConfigLength => _config.Length;

    /// <summary>Whether the device survives the death of its back end.</summary>
    public bool IsRecoverable { get; private set; }

    /// <summary>Back ends so far, the present one included.</summary>
    public int Connections { get; private set; } = 1;

    /// <summary>The shared memory region that the back end wants to fill; null: none.</summary>
    public (byte Id, ulong Size)? SharedMemory { get; private set; }

    /// <summary>That region, once the machine has made it; disposed with the device. Set on the loop's thread.</summary>
    public SharedMemoryWindow? Window
    {
        get => _window;
        set
        {
            _window = value;
            _connection.Window = value;
        }
    }

    private BackEndConnection? Serving => Volatile.Read(ref _serving);

    private VhostUserProtocolFeatures WantedProtocol => VhostUserFrontEnd.DefaultProtocolFeatures
        | (_options.Recoverable ? VhostUserProtocolFeatures.INFLIGHT_SHMFD : VhostUserProtocolFeatures.None)
        | (_options.Type == VirtioDeviceId.Gpu ? VhostUserProtocolFeatures.SHMEM : VhostUserProtocolFeatures.None);

    /// <summary>Negotiates with the back end at the other end of <paramref name="socket"/>.</summary>
    /// <param name="options">What to present to the guest.</param>
    /// <param name="socket">A connected stream socket; owned from here on.</param>
    /// <param name="memory">The guest's memory, which the back end will map.</param>
    /// <param name="loop">Where messages of the back end are noticed.</param>
    /// <exception cref="VhostUserDeviceException">The back end does not answer, or cannot be this device.</exception>
    public static VhostUserDevice Open(
        VhostUserDeviceOptions options, UnixSocket socket, GuestMemory memory, EventLoop loop)
    {
        var device = new VhostUserDevice(options, socket, memory, loop);
        try
        {
            device.Negotiate();
            return device;
        }
        catch
        {
            device.Dispose();
            throw;
        }
    }

    public void Connect(IVirtioTransport transport) => _transport = transport;

    public void ReadConfig(int offset, Span<byte> data)
    {
        _ = _config.Refresh(Serving?.FrontEnd);
        _config.Read(offset, data);
    }

    public void WriteConfig(int offset, ReadOnlySpan<byte> data) => _config.Write(Serving?.FrontEnd, offset, data);

    public IActiveDevice? Activate(ulong features, IReadOnlyList<ActiveQueue> queues)
    {
        var active = new ActiveVhostUser(Deactivate, _memory, features, queues, _queueError);
        lock (_gate)
        {
            VhostUserResult result = Serving is { } serving ? Start(serving.FrontEnd, active) : VhostUserResult.Lost;
            if (result == VhostUserResult.Done || (result == VhostUserResult.Lost && IsRecoverable))
            {
                // If the back end is away, the next one hears all this.
                _active = active;
                return active;
            }

            Stop(active);
            return null;
        }
    }

    /// <summary>
    /// Goes on with a new back end, which is first told all that the old one knew. On the loop's thread; the exchange
    /// happens on another, and <see cref="Reconnected"/> or <see cref="ConnectionLost"/> follows.
    /// </summary>
    /// <param name="socket">A connected stream socket; owned from here on. The former back end has ended.</param>
    public void Reconnect(UnixSocket socket)
    {
        Disconnect("another back end takes over");
        // Before the next one can say a word: what the last one has mapped is not there any more.
        _window?.Clear();
        BackEndConnection next = Connect(socket);
        next.Window = _window;
        _connection = next;
        Connections++;
        _reconnecting = new Thread(() => Resume(next)) { Name = $"reconnect {Type}", IsBackground = true };
        _reconnecting.Start();
    }

    public void Dispose()
    {
        Disconnect("closed by this front end");
        _queueErrorWatch.Dispose();
        _queueError.Dispose();
        _active?.Forget();
        _window?.Dispose();
        _memory.Release();
    }

    private BackEndConnection Connect(UnixSocket socket) =>
        new(
        socket, _loop, _options.Deadline, OnConfigChanged, OnConnectionLost, refusal => Refused?.Invoke(this, refusal));

    private void Disconnect(string reason)
    {
        Volatile.Write(ref _serving, null);
        _connection.FrontEnd.Abandon(reason);
        // An exchange that may still go on there fails at its next step.
        _reconnecting?.Join();
        _connection.Dispose();
    }

    private void Deactivate(ActiveVhostUser active)
    {
        lock (_gate)
        {
            if (_active == active)
            {
                _active = null;
                Stop(active);
            }
        }
    }

    private void Stop(ActiveVhostUser active)
    {
        // A back end that is away, or went meanwhile, has a successor that must not go on with this driver's work.
        bool isReset = false;
        if (Serving is { } serving)
        {
            active.Stop(serving.FrontEnd);
            isReset = serving.FrontEnd.ResetDevice() != VhostUserResult.Lost;
        }

        _mustReset = !isReset;
        active.Forget();
        // A device that was reset has no mapped blobs, whatever its back end thinks.
        _window?.Clear();
        // What was wrong with the queues of this driver says nothing of the next.
        _ = _queueError.TryDrain(out _);
    }

    private VhostUserResult Start(VhostUserFrontEnd frontEnd, ActiveVhostUser? active)
    {
        if (_mustReset)
        {
            if (frontEnd.ResetDevice() == VhostUserResult.Lost)
            {
                return VhostUserResult.Lost;
            }

            _mustReset = false;
        }

        return active?.Start(frontEnd) ?? VhostUserResult.Done;
    }

    private void Resume(BackEndConnection connection)
    {
        VhostUserFrontEnd frontEnd = connection.FrontEnd;
        lock (_gate)
        {
            string? refusal = TryResume(frontEnd);
            if (refusal is not null)
            {
                // The loop hears of it as of any other loss.
                frontEnd.Abandon(refusal);
                return;
            }

            Volatile.Write(ref _serving, connection);
            _active?.Interrupt();
        }

        if (frontEnd.LostReason is not null)
        {
            // Lost before the loop could find it serving.
            _ = Interlocked.CompareExchange(ref _serving, null, connection);
            return;
        }

        _config.MarkStale();
        if (_config.Refresh(frontEnd))
        {
            _transport?.ConfigChanged();
        }

        _loop.Post(() =>
        {
            if (Serving == connection)
            {
                Reconnected?.Invoke(this);
            }
        });
    }

    /// <summary>Null if the back end goes on; else why it cannot.</summary>
    private string? TryResume(VhostUserFrontEnd frontEnd)
    {
        if (frontEnd.Negotiate(WantedProtocol) != VhostUserResult.Done)
        {
            return "it did not complete the negotiation";
        }

        ulong missing = Features & ~frontEnd.OfferedFeatures;
        if (missing != 0)
        {
            return $"it lacks features 0x{missing:x} that the guest was offered";
        }

        if ((frontEnd.ProtocolFeatures & VhostUserProtocolFeatures.INFLIGHT_SHMFD) == 0)
        {
            return "it keeps no in-flight table";
        }

        if (!OfferedSharedMemory.TryRead(frontEnd, out (byte, ulong)? sharedMemory, out string? fault) || sharedMemory != SharedMemory)
        {
            return fault ?? "its shared memory region is another";
        }

        return Start(frontEnd, _active) == VhostUserResult.Done ? null : "it did not take over the queues";
    }

    private void OnConfigChanged(BackEndConnection connection)
    {
        if (connection == _connection)
        {
            _config.MarkStale();
            _transport?.ConfigChanged();
        }
    }

    private void OnConnectionLost(BackEndConnection connection, string reason)
    {
        if (connection != _connection)
        {
            return;
        }

        Volatile.Write(ref _serving, null);
        _window?.Clear();
        if (!IsRecoverable)
        {
            _transport?.NeedsReset();
        }

        ConnectionLost?.Invoke(this, reason);
    }

    // The driver has broken a ring: the back end has stopped working on it (SET_VRING_ERR).
    private void OnQueueError(Readiness ready)
    {
        if (_queueError.TryDrain(out _))
        {
            _transport?.NeedsReset();
        }
    }

    private void Negotiate()
    {
        VhostUserFrontEnd frontEnd = _connection.FrontEnd;
        if (frontEnd.Negotiate(WantedProtocol) != VhostUserResult.Done)
        {
            throw Fault($"did not complete the negotiation: {frontEnd.LostReason ?? "refused"}");
        }

        if ((frontEnd.OfferedFeatures & VirtioFeatures.VIRTIO_F_VERSION_1) == 0)
        {
            throw Fault("offers no VIRTIO_F_VERSION_1; only modern devices are supported");
        }

        if (_config.Length > VhostUserConfigHeader.VHOST_USER_MAX_CONFIG_SIZE)
        {
            throw Fault($"{_config.Length} bytes of configuration are more than the protocol carries");
        }

        int offered = frontEnd.QueueCount;
        int queues = _options.Queues ?? VirtioDeviceProfile.Of(Type).Queues ?? Math.Max(1, offered);
        if (queues > VirtioPciFunction.MaximumQueues || (offered > 0 && queues > offered))
        {
            throw Fault($"has {offered} queues, where {queues} are wanted (at most {VirtioPciFunction.MaximumQueues})");
        }

        if (!OfferedSharedMemory.TryRead(frontEnd, out (byte, ulong)? sharedMemory, out string? fault))
        {
            throw Fault(fault!);
        }

        SharedMemory = sharedMemory;
        QueueSizes = [.. Enumerable.Repeat(_options.QueueSize ?? VirtioDeviceProfile.QueueSize, queues)];
        Features = frontEnd.OfferedFeatures;
        IsRecoverable = _options.Recoverable && (frontEnd.ProtocolFeatures & VhostUserProtocolFeatures.INFLIGHT_SHMFD) != 0;
        Volatile.Write(ref _serving, _connection);
        _ = _config.Refresh(frontEnd);
    }

    private VhostUserDeviceException Fault(string what) => new($"vhost-user back end for {Type}: {what}");
}
