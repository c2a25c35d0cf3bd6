using System.Net;

namespace SplitVmm.ControlServer.Transport;

/// <summary>The "address" of connections that are made, not accepted: only <see cref="PairListenerFactory"/> knows it.</summary>
internal sealed class PairEndPoint : EndPoint
{
    public override string ToString() => "inherited socket pairs";
}
