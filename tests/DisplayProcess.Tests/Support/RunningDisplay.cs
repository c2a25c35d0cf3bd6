using System.Collections.Concurrent;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Sockets;
using SplitVmm.Wires.Plug;

namespace SplitVmm.DisplayProcess.Tests.Support;

/// <summary>The application inside the test, on a thread of its own, with a source at the other end of its wire.</summary>
internal sealed class RunningDisplay : IDisposable
{
    private readonly DisplayApplication _application;
    private readonly Thread _thread;
    private readonly PlugWireSource? _plugs;
    private int _exitStatus = -1;

    /// <param name="canBeReplugged">There is a plug wire, for <see cref="ReplaceSource"/>.</param>
    /// <param name="scanout">Where the source's pictures go.</param>
    /// <param name="input">The input wire's end.</param>
    public RunningDisplay(
        Func<DisplayOptions, DisplayOptions> adjust, Descriptor? control = null, bool canBeReplugged = false, uint scanout = 0, Descriptor? input = null)
    {
        (UnixSocket sourceEnd, UnixSocket sinkEnd) = UnixSocket.CreateSeqPacketPair();
        UnixSocket? plugEnd = null;
        if (canBeReplugged)
        {
            (UnixSocket plugs, plugEnd) = UnixSocket.CreateSeqPacketPair();
            _plugs = new PlugWireSource(plugs);
        }

        DisplayOptions options = adjust(new DisplayOptions
        {
            DisplayFd = Release(sinkEnd),
            ControlFd = control is null ? null : Release(control),
            InputFd = input is null ? null : Release(input),
            PlugFd = plugEnd is null ? null : Release(plugEnd),
            Backend = BackendKind.Headless,
            EndsWithSupervisor = false,
        });
        _application = new DisplayApplication(options, Log.Enqueue);
        _thread = new Thread(() => _exitStatus = _application.Run());
        _thread.Start();
        Source = new PictureSource(sourceEnd) { Scanout = scanout };
    }

    public PictureSource Source { get; private set; }

    public ConcurrentQueue<string> Log { get; } = [];

    /// <summary>The source dies, and another takes its place after <paramref name="meanwhile"/>.</summary>
    public void ReplaceSource(Action? meanwhile = null)
    {
        Source.Dispose();
        meanwhile?.Invoke();
        (UnixSocket sourceEnd, UnixSocket sinkEnd) = UnixSocket.CreateSeqPacketPair();
        using (sinkEnd)
        {
            _ = _plugs!.Plug(new PlugOrder { Role = PlugRole.Display }, sinkEnd);
        }

        Source = new PictureSource(sourceEnd);
    }

    /// <summary>Hands it a viewer's socket, as the supervisor does.</summary>
    /// <returns>The viewer's end.</returns>
    public UnixSocket AttachViewer(uint head = 0)
    {
        (UnixSocket ours, UnixSocket theirs) = UnixSocket.CreateStreamPair();
        using (theirs)
        {
            _ = _plugs!.Plug(new PlugOrder { Role = PlugRole.Viewer, Device = head }, theirs);
        }

        return ours;
    }

    /// <summary>Ends it from outside and returns the exit status.</summary>
    public int End()
    {
        _application.RequestEnd();
        return WaitForEnd();
    }

    /// <summary>Waits for an end that comes by itself.</summary>
    public int WaitForEnd() => _thread.Join(TimeSpan.FromSeconds(20)) ? _exitStatus : throw new TimeoutException("the display did not end");

    public void Dispose()
    {
        if (_thread.IsAlive)
        {
            _ = End();
        }

        Source.Dispose();
        _plugs?.Dispose();
        _application.Dispose();
    }

    // The application takes descriptors by number, as it would inherit them.
    private static int Release(Descriptor descriptor)
    {
        int number = descriptor.Number;
        descriptor.SetHandleAsInvalid();
        return number;
    }
}
