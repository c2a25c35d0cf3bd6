using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Errors;
using SplitVmm.Platform.Events;
using SplitVmm.Platform.Sockets;
using SplitVmm.VhostUser.Messages;

namespace SplitVmm.VhostUser.BackEnd;

/// <summary>
/// Serves one device to one front end at a time, on an event loop. When the front end goes away, or breaks the
/// protocol, the connection is closed and the device reset; the next connection starts anew.
/// </summary>
public sealed class VhostUserBackEnd : ISharedMemoryMapper, IDisposable
{
    private readonly EventLoop _loop;
    private readonly IVhostUserDevice _device;
    private readonly Action<string> _log;
    private BackEndSession? _session;
    private UnixListener? _listener;
    private Watch? _listening;

    /// <param name="loop">All work is done on its thread; so is every call of this class.</param>
    /// <param name="device">The device; used by this back end alone.</param>
    /// <param name="log">Takes one line for each connection, disconnection and protocol error; null for none.</param>
    public VhostUserBackEnd(EventLoop loop, IVhostUserDevice device, Action<string>? log = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(device.QueueCount, 1, nameof(device));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(device.QueueCount, 256, nameof(device));
        _loop = loop;
        _device = device;
        _log = log ?? (static _ => { });
    }

    /// <summary>Raised when the connection has ended by itself, after the device's reset, with the reason in one line.</summary>
    public event Action<string>? Disconnected;

    /// <summary>Whether a front end is being served.</summary>
    public bool IsConnected => _session is not null;

    /// <summary>Serves a connected stream socket, owned from here on.</summary>
    /// <exception cref="InvalidOperationException">Another front end is being served.</exception>
    public void Serve(UnixSocket socket)
    {
        if (_session is not null)
        {
            throw new InvalidOperationException("a front end is being served already");
        }

        _log("a front end has connected");
        _session = new BackEndSession(_loop, socket, new BackEndDevice(_loop, _device, _log), OnEnded);
        // The next front end waits in the backlog until this one is gone.
        _listening?.SetInterest(Readiness.None);
    }

    /// <summary>Listens on a path and serves one front end after another.</summary>
    /// <exception cref="ErrnoException">The path cannot be used.</exception>
    public void Listen(string path)
    {
        if (_listener is not null)
        {
            throw new InvalidOperationException($"listening already on {_listener.Path}");
        }

        _listener = UnixListener.Bind(path);
        _listening = _loop.Add(_listener, _session is null ? Readiness.In : Readiness.None, OnConnection);
    }

    /// <summary>
    /// Tells the front end, and by it the guest, that the configuration space has changed. Nothing happens while
    /// no front end is connected, or if it takes no such messages.
    /// </summary>
    public void NotifyConfigChanged() => _session?.NotifyConfigChanged();

    /// <inheritdoc/>
    public bool TryMap(byte id, ulong offset, ulong length, Descriptor file, ulong fileOffset)
    {
        var range = new VhostUserMMap
        {
            ShmId = id,
            FdOffset = fileOffset,
            ShmOffset = offset,
            Length = length,
            Flags = VhostUserMMap.VHOST_USER_FLAG_MAP_RW,
        };
        return _session?.TryChangeSharedMemory(range, file) ?? false;
    }

    /// <inheritdoc/>
    public bool TryUnmap(byte id, ulong offset, ulong length) =>
        _session?.TryChangeSharedMemory(new VhostUserMMap { ShmId = id, ShmOffset = offset, Length = length }, null) ?? false;

    /// <summary>Stops listening, closes the connection and resets the device.</summary>
    public void Dispose()
    {
        _listening?.Dispose();
        _listener?.Dispose();
        _session?.Dispose();
        _listening = null;
        _listener = null;
        _session = null;
    }

    private void OnConnection(Readiness readiness)
    {
        try
        {
            if (_session is null && _listener is { } listener && listener.TryAccept(out UnixSocket? socket))
            {
                Serve(socket);
            }
        }
        catch (ErrnoException exception)
        {
            // Out of descriptors or memory: the connection stays in the backlog, and would wake us for ever.
            _log($"no longer listening: {exception.Message}");
            _listening?.SetInterest(Readiness.None);
        }
    }

    private void OnEnded(string reason)
    {
        _session = null;
        _log($"disconnected: {reason}");
        _listening?.SetInterest(Readiness.In);
        Disconnected?.Invoke(reason);
    }
}
