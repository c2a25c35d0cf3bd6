namespace SplitVmm.ControlServer.Sessions;

/// <summary>
/// What a connection is bound to when it is made, as a connection feature: the services find their session by it,
/// and a process that calls the service of another privilege finds none.
/// </summary>
internal interface IControlPeer
{
    void OnConnected(Action abort);

    void OnConnectionClosed();
}
