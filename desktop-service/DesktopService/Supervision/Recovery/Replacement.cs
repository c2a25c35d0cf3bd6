using SplitVmm.Platform.Sockets;
using SplitVmm.Wires.Plug;

namespace SplitVmm.DesktopService.Supervision.Recovery;

/// <summary>
/// A process that takes the place of one that ended, with the other ends of its wires, which the running processes
/// get once it is ready: none of them then waits for a process that still loads its libraries.
/// </summary>
/// <param name="process">The new process.</param>
/// <param name="wires">Its wires; owned from here on.</param>
internal sealed class Replacement(SupervisedProcess process, WireSet wires) : IDisposable
{
    private bool _plugged;

    public SupervisedProcess Process => process;

    /// <summary>Hands the running processes their ends, and closes what this program has of them.</summary>
    /// <param name="find">The running process of a role; null if it is down, and will make wires of its own.</param>
    /// <returns>A process that does not take its end, or null.</returns>
    public SupervisedProcess? Plug(Func<ProcessRole, SupervisedProcess?> find)
    {
        SupervisedProcess? deaf = null;
        if (!_plugged)
        {
            _plugged = true;
            foreach ((ProcessRole to, PlugOrder order, var socket) in wires.Plugs)
            {
                SupervisedProcess? peer = find(to);
                if (peer?.Plugs?.Plug(in order, socket) == SocketStatus.WouldBlock)
                {
                    deaf = peer;
                }
            }

            wires.Dispose();
        }

        return deaf;
    }

    public void Dispose() => wires.Dispose();
}
