using System.Runtime.InteropServices;
using SplitVmm.Control.Client;
using SplitVmm.Control.Messages;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Events;
using SplitVmm.Platform.Sockets;
using SplitVmm.Wires.Framing;
using SplitVmm.Wires.Plug;

namespace SplitVmm.StandIn;

/// <summary>What the three stand-ins share: the control connection, the loop, the end.</summary>
internal abstract class StandInProcess<TReport, TCommand>(Script script) : IPlugWireHandler
    where TReport : class, IReport, new()
    where TCommand : class, ICommand
{
    private readonly List<UnixSocket> _wires = [];
    private readonly List<UnixSocket> _viewers = [];
    private int _status;

    protected Script Script { get; } = script;

    /// <summary>The process's name, and the options of the process that it stands for.</summary>
    protected string[] Arguments { get; private set; } = [];

    protected EventLoop Loop { get; } = new();

    protected ControlConnection<TReport, TCommand> Control { get; private set; } = null!;

    public int Run(string[] arguments)
    {
        Arguments = arguments;
        _ = Script.Reach("spawned");
        using PosixSignalRegistration term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
        {
            context.Cancel = true;
            if (Script.Reach("term") is null)
            {
                End(0);
            }
        });
        Control = Attach(InheritedDescriptor.Find(arguments, "--control-fd")!, new ControlClientOptions<TCommand>
        {
            Process = arguments[0],
            Post = Loop.Post,
            OnCommand = OnCommand,
            OnEnd = reason =>
            {
                if (reason == EndReason.SupervisorLost)
                {
                    End(1);
                }
                else if (Script.Reach("quit") is null)
                {
                    End(0);
                }
            },
        });
        _ = Script.Reach("attached");
        using PlugWireSink? plugs = WatchPeers(arguments);
        OnAttached();
        _ = Script.Reach("ready");
        Loop.Run();
        Control.Dispose();
        return _status;
    }

    protected abstract ControlConnection<TReport, TCommand> Attach(Descriptor socket, ControlClientOptions<TCommand> options);

    void IPlugWireHandler.OnPlug(in PlugOrder order, UnixSocket socket)
    {
        PlugRole role = order.Role;
        if (role == PlugRole.Viewer)
        {
            // Its end is the viewer's business.
            Console.Error.WriteLine($"{Arguments[0]}: a viewer came for scanout {order.Device}");
            _viewers.Add(socket);
            return;
        }

        Watch(socket, () => OnPeerGone(role == PlugRole.VhostUser ? "--vhost-user" : ""));
        OnPlugged(role, socket);
    }

    void IPlugWireHandler.OnPlugWireClosed(WireError? violation)
    {
    }

    protected abstract void OnAttached();

    /// <summary>A process that is new has taken the place of the one at the other end.</summary>
    protected virtual void OnPlugged(PlugRole role, UnixSocket wire)
    {
    }

    protected abstract void OnCommand(TCommand command);

    protected void End(int status)
    {
        _status = status;
        Loop.Stop();
    }

    /// <summary>The guest has been started: vmm-core says so over its wires, by a byte.</summary>
    protected virtual void OnRunning()
    {
    }

    /// <summary>The wire that came by an option, or in the place of that one, has ended.</summary>
    protected virtual void OnPeerGone(string option)
    {
    }

    protected void TellPeers() => _wires.ForEach(wire => _ = wire.Send([1], [], out int _));

    // As the real ones do: a wire whose other end has gone ends the process, unless a new end may be plugged in.
    private PlugWireSink? WatchPeers(string[] arguments)
    {
        foreach (string option in (string[])["--vhost-user", "--vhost-user-fd", "--display-fd", "--input-fd"])
        {
            if (InheritedDescriptor.Find(arguments, option) is { } descriptor)
            {
                bool isForGood = option == "--vhost-user-fd";
                Watch(UnixSocket.Adopt(descriptor), () =>
                {
                    Console.Error.WriteLine($"{arguments[0]}: {option}: the other end has gone");
                    if (isForGood)
                    {
                        End(0);
                    }

                    OnPeerGone(option);
                });
            }
        }

        return InheritedDescriptor.Find(arguments, "--plug-fd") is { } plugs
            ? new PlugWireSink(Loop, UnixSocket.Adopt(plugs), this, PlugRole.VhostUser, PlugRole.Display, PlugRole.Input, PlugRole.Viewer)
            : null;
    }

    private void Watch(UnixSocket wire, Action closed)
    {
        _wires.Add(wire);
        Watch? watch = null;
        watch = Loop.Add(wire, Readiness.In, _ =>
        {
            Span<byte> said = stackalloc byte[1];
            if (wire.Receive(said, [], out int _) == SocketStatus.Closed)
            {
                watch?.Dispose();
                _wires.Remove(wire);
                wire.Dispose();
                closed();
            }
            else
            {
                OnRunning();
            }
        });
    }
}
