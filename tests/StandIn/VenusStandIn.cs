using System.Runtime.InteropServices;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Events;
using SplitVmm.Platform.Sockets;

namespace SplitVmm.StandIn;

/// <summary>
/// As <c>virgl_render_server</c> is seen from outside: a socket to gpu-process, whose end is the server's own, with status 255.
/// </summary>
internal sealed class VenusStandIn(Script script)
{
    /// <summary>What gpu-process has reached, as the one byte of a message.</summary>
    public const byte Attached = 1;
    public const byte Running = 2;

    private const int ConnectionEnded = 255;

    public int Run(string[] arguments)
    {
        _ = script.Reach("spawned");
        using var loop = new EventLoop();
        using PosixSignalRegistration term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
        {
            context.Cancel = true;
            if (script.Reach("term") is null)
            {
                loop.Stop();
            }
        });
        using var socket = UnixSocket.Adopt(InheritedDescriptor.Find(arguments, "--socket-fd")!);
        Watch? watch = null;
        watch = loop.Add(socket, Readiness.In, _ => Hear(loop, socket, watch));
        loop.Run();
        return ConnectionEnded;
    }

    private void Hear(EventLoop loop, UnixSocket socket, Watch? watch)
    {
        Span<byte> said = stackalloc byte[1];
        if (socket.Receive(said, [], out int _) != SocketStatus.Closed)
        {
            _ = script.Reach(said[0] == Running ? "running" : "attached");
            return;
        }

        watch?.Dispose();
        if (script.Reach("quit") is null)
        {
            loop.Stop();
        }
    }
}
