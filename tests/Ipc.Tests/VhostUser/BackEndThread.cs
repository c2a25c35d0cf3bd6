using SplitVmm.Harness;
using SplitVmm.Platform.Events;
using SplitVmm.Platform.Sockets;
using SplitVmm.VhostUser.BackEnd;

namespace SplitVmm.Ipc.Tests.VhostUser;

/// <summary>A back end on an event loop of its own thread, as in a device process.</summary>
internal sealed class BackEndThread : IDisposable
{
    private readonly EventLoop _loop = new();
    private readonly Thread _thread;
    private readonly List<string> _log = [];

    public BackEndThread(IVhostUserDevice device)
    {
        BackEnd = new VhostUserBackEnd(_loop, device, line =>
        {
            lock (_log)
            {
                _log.Add(line);
            }
        });
        BackEnd.Disconnected += reason =>
        {
            LastReason = reason;
            Disconnections++;
        };
        _thread = new Thread(_loop.Run) { Name = "back end" };
        _thread.Start();
    }

    public VhostUserBackEnd BackEnd { get; }

    public volatile string? LastReason;

    public volatile int Disconnections;

    public string[] Log
    {
        get
        {
            lock (_log)
            {
                return [.. _log];
            }
        }
    }

    /// <summary>Serves one end of a new socket pair and gives back the other.</summary>
    public UnixSocket Connect()
    {
        (UnixSocket ours, UnixSocket theirs) = UnixSocket.CreateStreamPair();
        Invoke(() => BackEnd.Serve(theirs));
        return ours;
    }

    /// <summary>Runs something on the loop's thread and waits for it.</summary>
    public void Invoke(Action action) => _loop.Invoke(action);

    /// <summary>Waits until the connection has ended by itself.</summary>
    public string WaitForDisconnection(int count = 1)
    {
        long end = Environment.TickCount64 + 10_000;
        while (Disconnections < count)
        {
            if (Environment.TickCount64 > end)
            {
                throw new TimeoutException("the back end keeps the connection");
            }

            Thread.Sleep(1);
        }

        return LastReason!;
    }

    public void Dispose()
    {
        Invoke(BackEnd.Dispose);
        _loop.Stop();
        _thread.Join();
        _loop.Dispose();
    }
}
