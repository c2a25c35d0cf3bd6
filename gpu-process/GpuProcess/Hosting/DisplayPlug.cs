using SplitVmm.GpuProcess.Scanouts;
using SplitVmm.Platform.Sockets;
using SplitVmm.Wires.Framing;
using SplitVmm.Wires.Plug;

namespace SplitVmm.GpuProcess.Hosting;

/// <summary>A display that was started again comes over the plug wire, and gets the current pictures.</summary>
internal sealed class DisplayPlug(DisplayLink display, Action<string> log) : IPlugWireHandler
{
    public void OnPlug(in PlugOrder order, UnixSocket socket) => display.Attach(socket);

    public void OnPlugWireClosed(WireError? violation)
    {
        if (violation is not null)
        {
            log($"no new display can come: {violation}");
        }
    }
}
