using SplitVmm.Platform.Sockets;
using SplitVmm.Wires.Framing;
using SplitVmm.Wires.Plug;

namespace SplitVmm.Ipc.Tests.Wires;

/// <summary>A process that keeps what is plugged into it.</summary>
internal sealed class RecordingPlugs : IPlugWireHandler, IDisposable
{
    public List<(PlugOrder Order, UnixSocket Socket)> Plugs { get; } = [];

    public bool IsClosed { get; private set; }

    public WireError? Violation { get; private set; }

    public void OnPlug(in PlugOrder order, UnixSocket socket) => Plugs.Add((order, socket));

    public void OnPlugWireClosed(WireError? violation)
    {
        IsClosed = true;
        Violation = violation;
    }

    public void Dispose() => Plugs.ForEach(plug => plug.Socket.Dispose());
}
