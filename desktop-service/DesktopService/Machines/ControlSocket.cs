using SplitVmm.ControlServer;
using SplitVmm.ControlServer.Machines;
using SplitVmm.Platform.Errors;
using SplitVmm.Platform.Events;
using SplitVmm.Platform.Sockets;

namespace SplitVmm.DesktopService.Machines;

/// <summary>
/// The socket by which a running machine is found and asked. It goes with this object; what a killed splitvmm left
/// behind is replaced.
/// </summary>
internal sealed class ControlSocket : IDisposable
{
    private const int MostOfOneName = 100;

    private readonly string _root;
    private readonly UnixListener _listener;
    private Watch? _watch;

    private ControlSocket(string root, string name, UnixListener listener)
    {
        _root = root;
        Name = name;
        _listener = listener;
    }

    /// <summary>The machine's name, no other's at this time.</summary>
    public string Name { get; }

    /// <summary>Takes a name and listens.</summary>
    /// <param name="wanted">The name that the user chose; null: one that is free, made of <paramref name="otherwise"/>.</param>
    /// <returns>Null if the user chose none and the session has no place for sockets: then nobody can ask.</returns>
    /// <exception cref="IOException">The name is taken, or the place cannot be used. One line.</exception>
    public static ControlSocket? Open(string? wanted, string otherwise)
    {
        if (RuntimeFolder.Root is not { } root)
        {
            return wanted is null
                ? null
                : throw new IOException("--name needs a session: XDG_RUNTIME_DIR is not set, and there is no folder of yours in /run/user");
        }

        for (int i = 1; ; i++)
        {
            string name = wanted ?? (i == 1 ? otherwise : FormattableString.Invariant($"{otherwise}-{i}"));
            RuntimeFolder.Make(root, name);
            try
            {
                return new ControlSocket(root, name, UnixListener.Bind(RuntimeFolder.SocketOf(root, name)));
            }
            catch (ErrnoException error) when (error.Errno == Errno.EADDRINUSE)
            {
                if (wanted is not null || i == MostOfOneName)
                {
                    throw new IOException($"a machine named {name} runs already; choose another name with --name", error);
                }
            }
            catch (ArgumentException error)
            {
                throw new IOException(error.Message, error);
            }
        }
    }

    /// <summary>Serves whoever connects, which only the owner can.</summary>
    public void Serve(EventLoop loop, ControlHost server, IMachineApi machine) => _watch = loop.Add(_listener, Readiness.In, ready =>
    {
        if (_listener.TryAccept(out UnixSocket? connection))
        {
            server.AcceptOwner(connection, machine);
        }
    });

    public void Dispose()
    {
        _watch?.Dispose();
        _listener.Dispose();
        RuntimeFolder.Remove(_root, Name);
    }
}
