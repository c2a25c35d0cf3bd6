using SplitVmm.ControlServer.Sessions;

namespace SplitVmm.ControlServer.Machines;

/// <summary>A connection of the machine's owner.</summary>
internal sealed class MachinePeer(IMachineApi machine) : IControlPeer
{
    public IMachineApi Machine => machine;

    void IControlPeer.OnConnected(Action abort)
    {
    }

    void IControlPeer.OnConnectionClosed()
    {
    }
}
