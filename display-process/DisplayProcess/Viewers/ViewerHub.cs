using SplitVmm.DisplayProcess.Scanouts;
using SplitVmm.Platform.Errors;
using SplitVmm.Platform.Events;
using SplitVmm.Platform.Sockets;
using SplitVmm.Wires.Display;

namespace SplitVmm.DisplayProcess.Viewers;

/// <summary>The viewers of all heads. On the event loop's thread.</summary>
internal sealed class ViewerHub : IDisposable
{
    /// <summary>One window of some programs is two viewers.</summary>
    public const int Most = 32;

    // A program that does wrong again and again fills no log.
    private const long MillisecondsBetweenLines = 1000;

    private readonly EventLoop _loop;
    private readonly IReadOnlyList<Head> _heads;
    private readonly HeadMemory[] _memories;
    private readonly Action<string> _log;
    private readonly List<Viewer> _viewers = [];
    private long _lastLine = -MillisecondsBetweenLines;

    /// <param name="log">Takes one line for the user.</param>
    public ViewerHub(EventLoop loop, IReadOnlyList<Head> heads, Action<string> log)
    {
        _loop = loop;
        _heads = heads;
        _log = log;
        _memories = [.. heads.Select(head => new HeadMemory(head))];
    }

    /// <summary>A viewer has gone.</summary>
    public Action? Left { get; set; }

    public int Count => _viewers.Count;

    /// <summary>Takes a viewer in; one too many, and one of a head that is not there, finds its socket closed.</summary>
    /// <param name="socket">Owned from here on.</param>
    public void Attach(uint head, UnixSocket socket)
    {
        if (head >= _heads.Count || _viewers.Count >= Most)
        {
            socket.Dispose();
            Tell(head >= _heads.Count ? $"a viewer asked for monitor {head}, which is not there" : $"{Most} viewers look already; one more was turned away");
            return;
        }

        try
        {
            _viewers.Add(new Viewer(_loop, socket, _heads[(int)head], _memories[head], OnEnded));
        }
        catch (ErrnoException error)
        {
            Tell($"a viewer cannot be served: {error.Message}");
        }
    }

    public void OnPicture(Head head, ReadOnlySpan<DamageRectangle> damage)
    {
        _memories[head.Index].OnPicture(damage);
        // A viewer may leave when it is told something.
        for (int i = _viewers.Count - 1; i >= 0; i--)
        {
            if (i < _viewers.Count && _viewers[i].Head == head)
            {
                _viewers[i].OnPicture(damage);
            }
        }
    }

    public void OnBlank(Head head) => Tell(head, viewer => viewer.OnBlank());

    public void OnCursorChanged(Head head) => Tell(head, viewer => viewer.OnCursorChanged());

    public void OnCursorMoved(Head head) => Tell(head, viewer => viewer.OnCursorMoved());

    public void Dispose()
    {
        _viewers.ForEach(viewer => viewer.Dispose());
        _viewers.Clear();
        Array.ForEach(_memories, memory => memory.Dispose());
    }

    private void Tell(string line)
    {
        if (Environment.TickCount64 - _lastLine >= MillisecondsBetweenLines)
        {
            _lastLine = Environment.TickCount64;
            _log(line);
        }
    }

    private void Tell(Head head, Action<Viewer> tell)
    {
        for (int i = _viewers.Count - 1; i >= 0; i--)
        {
            if (i < _viewers.Count && _viewers[i].Head == head)
            {
                tell(_viewers[i]);
            }
        }
    }

    private void OnEnded(Viewer viewer, string? reason)
    {
        _ = _viewers.Remove(viewer);
        if (reason is not null)
        {
            Tell($"a viewer was ended: {reason}");
        }

        if (!_viewers.Exists(other => other.Head == viewer.Head && other.UsesMemory))
        {
            _memories[viewer.Head.Index].Release();
        }

        Left?.Invoke();
    }
}
