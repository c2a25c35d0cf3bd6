using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Errors;
using SplitVmm.Platform.Interop;

namespace SplitVmm.Platform.Events;

/// <summary>
/// A single-threaded <c>epoll(7)</c> loop. Handlers run on the thread that called <see cref="Run"/>; only
/// <see cref="Post"/> and <see cref="Stop"/> may be called from others. Waiting and dispatching allocate nothing.
/// </summary>
public sealed unsafe class EventLoop : IDisposable
{
    private const int Batch = 64;

    private readonly Descriptor _epoll;
    private readonly EventFd _wake = EventFd.Create();
    private readonly ConcurrentQueue<Action> _posts = new();
    private readonly Dictionary<ulong, Watch> _watches = [];
    private ulong _nextId = 1;
    private volatile bool _stopping;

    public EventLoop()
    {
        int fd = Libc.epoll_create1(Libc.EPOLL_CLOEXEC);
        _epoll = fd >= 0 ? new Descriptor(fd) : throw ErrnoException.FromLastError("epoll_create1");
        Add(_wake, Readiness.In, _ => RunPosts());
    }

    /// <summary>Handlers have run, so many in one go.</summary>
    internal event Action<int>? Dispatched;

    /// <summary>
    /// Readable while a handler is due, so that another loop or a foreign <c>poll</c> can watch this one. Only to be
    /// waited for.
    /// </summary>
    public Descriptor ReadyDescriptor => _epoll;

    /// <summary>
    /// Calls <paramref name="handler"/> whenever <paramref name="descriptor"/> is ready (level-triggered). The
    /// caller keeps owning the descriptor and disposes the returned watch before it.
    /// </summary>
    public Watch Add(Descriptor descriptor, Readiness interest, Action<Readiness> handler)
    {
        var watch = new Watch(this, _nextId++, descriptor, handler);
        Begin(watch, interest);
        _watches.Add(watch.Id, watch);
        return watch;
    }

    /// <summary>Runs <paramref name="action"/> on the loop's thread, soon. From any thread.</summary>
    public void Post(Action action)
    {
        _posts.Enqueue(action);
        _ = _wake.Signal();
    }

    /// <summary>Makes <see cref="Run"/> return after the current handler. From any thread.</summary>
    public void Stop()
    {
        _stopping = true;
        _ = _wake.Signal();
    }

    /// <summary>Dispatches until <see cref="Stop"/>.</summary>
    public void Run()
    {
        while (!_stopping)
        {
            _ = RunOnce(-1);
        }
    }

    /// <summary>Waits once, at most <paramref name="timeoutMilliseconds"/> (-1: for ever), and dispatches.</summary>
    /// <returns>How many handlers ran.</returns>
    public int RunOnce(int timeoutMilliseconds)
    {
        Libc.EpollEvent* events = stackalloc Libc.EpollEvent[Batch];
        int count = Libc.epoll_wait(_epoll, events, Batch, timeoutMilliseconds);
        if (count < 0)
        {
            int errno = Marshal.GetLastPInvokeError();
            return errno == Errno.EINTR ? 0 : throw new ErrnoException("epoll_wait", errno);
        }

        for (int i = 0; i < count && !_stopping; i++)
        {
            // A handler earlier in this batch may have removed the watch: the lookup then finds nothing.
            if (_watches.TryGetValue(events[i].Data, out Watch? watch))
            {
                watch.Handler((Readiness)events[i].Events);
            }
        }

        if (count > 0)
        {
            Dispatched?.Invoke(count);
        }

        return count;
    }

    public void Dispose()
    {
        _watches.Clear();
        _epoll.Dispose();
        _wake.Dispose();
    }

    internal void Change(Watch watch, Readiness interest) => Control(Libc.EPOLL_CTL_MOD, watch, interest);

    internal void Begin(Watch watch, Readiness interest) => Control(Libc.EPOLL_CTL_ADD, watch, interest);

    internal void End(Watch watch)
    {
        if (!watch.Descriptor.IsClosed)
        {
            Control(Libc.EPOLL_CTL_DEL, watch, Readiness.None);
        }
    }

    internal void Remove(Watch watch)
    {
        if (_watches.Remove(watch.Id) && !watch.IsResting)
        {
            End(watch);
        }
    }

    private void Control(int operation, Watch watch, Readiness interest)
    {
        var change = new Libc.EpollEvent { Events = (uint)interest, Data = watch.Id };
        if (Libc.epoll_ctl(_epoll, operation, watch.Descriptor, &change) < 0)
        {
            throw ErrnoException.FromLastError("epoll_ctl", watch.Descriptor.ToString());
        }
    }

    private void RunPosts()
    {
        _ = _wake.TryDrain(out _);
        // Only what is queued now: a post that posts again must not starve the descriptors.
        for (int left = _posts.Count; left > 0 && _posts.TryDequeue(out Action? action); left--)
        {
            action();
        }

        if (!_posts.IsEmpty)
        {
            _ = _wake.Signal();
        }
    }
}
