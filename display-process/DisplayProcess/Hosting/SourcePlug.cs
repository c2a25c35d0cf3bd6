using SplitVmm.DisplayProcess.Viewers;
using SplitVmm.Platform.Sockets;
using SplitVmm.Wires.Framing;
using SplitVmm.Wires.Plug;

namespace SplitVmm.DisplayProcess.Hosting;

/// <summary>
/// A gpu-process that was started again comes over the plug wire, and goes on with the same heads; so do viewers, where they are
/// allowed.
/// </summary>
internal sealed class SourcePlug(DisplaySession session, ViewerHub? viewers, Action<string> log) : IPlugWireHandler
{
    /// <summary>The roles that there is a place for.</summary>
    public PlugRole[] Roles => viewers is null ? [PlugRole.Display] : [PlugRole.Display, PlugRole.Viewer];

    public void OnPlug(in PlugOrder order, UnixSocket socket)
    {
        if (order.Role == PlugRole.Viewer)
        {
            viewers!.Attach(order.Device, socket);
        }
        else
        {
            session.Attach(socket);
        }
    }

    public void OnPlugWireClosed(WireError? violation)
    {
        session.CanBeReplugged = false;
        if (violation is not null)
        {
            log($"no new source of pictures can come: {violation}");
        }
    }
}
