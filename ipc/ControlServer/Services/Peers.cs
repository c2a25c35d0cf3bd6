using Grpc.Core;
using SplitVmm.ControlServer.Sessions;

namespace SplitVmm.ControlServer.Services;

/// <summary>Finds the session that a call's connection was made for.</summary>
internal static class Peers
{
    /// <exception cref="RpcException">PermissionDenied: the connection belongs to a process of another privilege.</exception>
    public static TSession Of<TSession>(ServerCallContext context)
        where TSession : class, IControlPeer =>
        context.GetHttpContext().Features.Get<IControlPeer>() as TSession
            ?? throw new RpcException(new Status(StatusCode.PermissionDenied, "not the service of this process"));
}
