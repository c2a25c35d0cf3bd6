using SplitVmm.DisplayProcess.Interop;
using SplitVmm.Platform.Events;

namespace SplitVmm.DisplayProcess.Backends.Sdl;

/// <summary>
/// Lets one thread wait for SDL and for the event loop at once. SDL can wait only for its own events, so a helper
/// thread sleeps until the loop has something to do, puts an event into SDL's queue, and sleeps on until that was
/// seen to. All handlers run on SDL's thread; nothing polls.
/// </summary>
internal sealed class SdlWake : IDisposable
{
    private readonly EventLoop _outer = new();
    private readonly Watch _watch;
    private readonly AutoResetEvent _resume = new(false);
    private readonly Thread _thread;
    private volatile bool _stopping;

    /// <param name="inner">The loop that has the handlers; it is run by SDL's thread alone.</param>
    public SdlWake(EventLoop inner)
    {
        EventType = Sdl2.SDL_RegisterEvents(1);
        if (EventType == uint.MaxValue)
        {
            throw new DisplayException($"SDL_RegisterEvents failed: {Sdl2.LastError()}");
        }

        _watch = _outer.Add(inner.ReadyDescriptor, Readiness.In, OnInnerReady);
        _thread = new Thread(_outer.Run) { IsBackground = true, Name = "wake" };
        _thread.Start();
    }

    /// <summary>The type of the SDL event that says: run the loop, then call <see cref="Resume"/>.</summary>
    public uint EventType { get; }

    /// <summary>The loop was run; wake again when it has more to do.</summary>
    public void Resume() => _resume.Set();

    public void Dispose()
    {
        _stopping = true;
        _outer.Stop();
        _ = _resume.Set();
        _thread.Join();
        _watch.Dispose();
        _outer.Dispose();
        _resume.Dispose();
    }

    private unsafe void OnInnerReady(Readiness ready)
    {
        var wake = new SDL_Event { Type = EventType };
        // A full queue drains as soon as SDL's thread looks at it.
        while (!_stopping && Sdl2.SDL_PushEvent(&wake) < 0)
        {
            Thread.Sleep(10);
        }

        if (!_stopping)
        {
            _ = _resume.WaitOne();
        }
    }
}
