using Microsoft.Extensions.Logging;
using SplitVmm.Platform.Sockets;
using SplitVmm.VmmCore.Devices;
using SplitVmm.VmmCore.Input;
using SplitVmm.VmmCore.VirtioConsole;
using SplitVmm.Wires.Framing;
using SplitVmm.Wires.Plug;

namespace SplitVmm.VmmCore.Hosting;

/// <summary>Brings what comes over the plug wire to the device that it is for.</summary>
internal sealed class PlugRouter(IReadOnlyList<VhostUserDevice> devices, InputRouter input, AgentChannel? agent, ILogger logger)
    : IPlugWireHandler
{
    public void OnPlug(in PlugOrder order, UnixSocket socket)
    {
        if (order.Role == PlugRole.Input)
        {
            input.Attach(socket);
            return;
        }

        if (order.Role == PlugRole.Agent && agent is not null)
        {
            agent.Attach(socket);
            return;
        }

        foreach (VhostUserDevice device in devices)
        {
            if ((uint)device.Type == order.Device)
            {
                device.Reconnect(socket);
                return;
            }
        }

        // The new process sees its connection end, and says so.
        socket.Dispose();
    }

    public void OnPlugWireClosed(WireError? violation)
    {
        if (violation is not null)
        {
            Log.PlugWireClosed(logger, violation.ToString());
        }
    }
}
