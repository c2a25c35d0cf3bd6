using SplitVmm.DisplayProcess.Clipboard;
using SplitVmm.Platform.Events;
using SplitVmm.Platform.Sockets;

namespace SplitVmm.DisplayProcess.Tests.Clipboard;

/// <summary>A clipboard's agent client and a stand-in for the guest's agent, joined by a real agent wire on one loop.</summary>
internal sealed class AgentPair : IDisposable
{
    private readonly EventLoop _loop = new();

    public AgentPair(uint can = StandInAgent.AsLinux, int piece = int.MaxValue)
    {
        (UnixSocket port, UnixSocket client) = UnixSocket.CreateSeqPacketPair();
        Client = new ClipboardAgent(_loop, client, Clipboard, Log.Add);
        Guest = new StandInAgent(_loop, port) { Can = can, Piece = piece };
        Pump();
    }

    public FakeClipboard Clipboard { get; } = new();

    public ClipboardAgent Client { get; }

    public StandInAgent Guest { get; }

    public List<string> Log { get; } = [];

    public void Pump()
    {
        // What pauses because of its rate goes on within the time that this waits.
        while (_loop.RunOnce(5) > 0)
        {
        }
    }

    public bool PumpUntil(Func<bool> condition)
    {
        long end = Environment.TickCount64 + 30_000;
        while (!condition() && Environment.TickCount64 < end)
        {
            _ = _loop.RunOnce(50);
        }

        return condition();
    }

    public void Dispose()
    {
        Client.Dispose();
        Guest.Dispose();
        _loop.Dispose();
    }
}
