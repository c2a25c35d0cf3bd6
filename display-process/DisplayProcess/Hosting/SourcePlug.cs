using SplitVmm.Platform.Sockets;
using SplitVmm.Wires.Framing;
using SplitVmm.Wires.Plug;

namespace SplitVmm.DisplayProcess.Hosting;

/// <summary>A gpu-process that was started again comes over the plug wire, and goes on with the same heads.</summary>
internal sealed class SourcePlug(DisplaySession session, Action<string> log) : IPlugWireHandler
{
    public void OnPlug(in PlugOrder order, UnixSocket socket) => session.Attach(socket);

    public void OnPlugWireClosed(WireError? violation)
    {
        session.CanBeReplugged = false;
        if (violation is not null)
        {
            log($"no new source of pictures can come: {violation}");
        }
    }
}
