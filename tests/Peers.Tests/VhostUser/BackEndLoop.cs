using SplitVmm.Platform.Events;
using SplitVmm.VhostUser.BackEnd;

namespace SplitVmm.Peers.Tests.VhostUser;

/// <summary>A back end on a path, on an event loop of its own thread, that can die like a process.</summary>
internal sealed class BackEndLoop : IDisposable
{
    private readonly EventLoop _loop = new();
    private readonly VhostUserBackEnd _backEnd;
    private readonly Thread _thread;
    private readonly List<string> _log = [];

    public BackEndLoop(IVhostUserDevice device, string path)
    {
        _backEnd = new VhostUserBackEnd(_loop, device, line =>
        {
            lock (_log)
            {
                _log.Add(line);
            }
        });
        _backEnd.Listen(path);
        _thread = new Thread(_loop.Run) { Name = "back end" };
        _thread.Start();
    }

    /// <summary>What the back end had to say, for a failing test.</summary>
    public string Log
    {
        get
        {
            lock (_log)
            {
                return string.Join('\n', _log);
            }
        }
    }

    /// <summary>Ends like a process: what the device held is not answered. A second call does nothing.</summary>
    public void Dispose()
    {
        if (!_thread.IsAlive)
        {
            return;
        }

        _loop.Stop();
        _thread.Join();
        _backEnd.Dispose();
        _loop.Dispose();
    }
}
