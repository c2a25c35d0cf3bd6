using SplitVmm.Platform.Sockets;
using SplitVmm.Wires.Framing;

namespace SplitVmm.Wires.Plug;

/// <summary>What a process does with new ends of its wires. On the event loop's thread.</summary>
public interface IPlugWireHandler
{
    /// <summary>A new end, whose other end was or is about to be given to a new process.</summary>
    /// <param name="order">Checked: a role that this process accepts.</param>
    /// <param name="socket">The handler's to dispose.</param>
    void OnPlug(in PlugOrder order, UnixSocket socket);

    /// <summary>
    /// No more will come: the supervisor closed its end (null), which the control connection reports too, or is of
    /// another build. What is plugged in stays.
    /// </summary>
    void OnPlugWireClosed(WireError? violation);
}
