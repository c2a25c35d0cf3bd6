using SplitVmm.Control.Client;
using SplitVmm.Control.Protocol;
using SplitVmm.DisplayProcess.Backends;
using SplitVmm.DisplayProcess.Backends.Headless;
using SplitVmm.DisplayProcess.Backends.Sdl;
using SplitVmm.DisplayProcess.Clipboard;
using SplitVmm.DisplayProcess.Control;
using SplitVmm.DisplayProcess.Hosting;
using SplitVmm.DisplayProcess.Input;
using SplitVmm.DisplayProcess.Pictures;
using SplitVmm.DisplayProcess.Scanouts;
using SplitVmm.DisplayProcess.Viewers;
using SplitVmm.Hosting;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Errors;
using SplitVmm.Platform.Events;
using SplitVmm.Platform.Sockets;
using SplitVmm.Wires.Plug;

namespace SplitVmm.DisplayProcess;

/// <summary>The whole process but for its command line: runs on the thread that calls <see cref="Run"/>.</summary>
public sealed class DisplayApplication : IProcessApplication
{
    private readonly EventLoop _loop = new();
    private readonly DisplayOptions _options;
    private readonly Action<string> _log;
    private IBackend? _backend;
    private bool _ended;
    private int _exitStatus;

    /// <param name="log">Takes one line for the user; called on any thread.</param>
    public DisplayApplication(DisplayOptions options, Action<string> log)
    {
        _options = options;
        _log = log;
    }

    /// <summary>Makes <see cref="Run"/> return in good order. From any thread, also before it was called.</summary>
    public void RequestEnd() => _loop.Post(() => End(ExitStatus.Done));

    /// <returns>The <see cref="ExitStatus"/>; a failure was logged.</returns>
    public int Run()
    {
        SupervisorLink? supervisor = null;
        try
        {
            supervisor = new SupervisorLink(_loop, _options, reason => End(reason == EndReason.Quit ? ExitStatus.Done : ExitStatus.Failed));
            RunSession(supervisor);
            return _exitStatus;
        }
        catch (DisplayException e)
        {
            return Fail(supervisor, e.Message, e.Status);
        }
        catch (IOException e)
        {
            // Failed system calls, the control connection, a cage that does not close.
            return Fail(supervisor, e.Message, ExitStatus.Failed);
        }
        finally
        {
            supervisor?.Dispose();
        }
    }

    public void Dispose() => _loop.Dispose();

    private void RunSession(SupervisorLink supervisor)
    {
        UnixSocket? inputSocket = _options.InputFd is { } inputFd ? UnixSocket.Adopt(Descriptor.FromInherited(inputFd)) : null;
        using var input = new InputReporter(_loop, inputSocket, _log);
        using var writer = new PngWriter(_loop.Post);
        using IBackend backend = _options.Backend == BackendKind.Headless
            ? new HeadlessBackend(_loop, _options, writer, _log)
            : new SdlBackend(_loop, _options, _log);
        using var session = new DisplaySession(
            _loop, UnixSocket.Adopt(Descriptor.FromInherited(_options.DisplayFd)), backend, input, _options.Heads, _log);
        using ViewerService? viewers = _options.HasViewers ? new ViewerService(_loop, session, _options.HasTouch, _log) : null;
        var plug = new SourcePlug(session, viewers?.Hub, _log);
        using PlugWireSink? plugs = _options.PlugFd is { } plugFd
            ? new PlugWireSink(_loop, UnixSocket.Adopt(Descriptor.FromInherited(plugFd)), plug, plug.Roles)
            : null;
        session.CanBeReplugged = plugs is not null;
        _backend = backend;
        session.PictureShown = head => OnShown(session, supervisor, head);
        session.CloseRequested = () => OnCloseRequested(supervisor);
        session.SourceGone = () => OnSourceGone(supervisor);
        supervisor.ScreenshotRequested = (request, done) => TakeScreenshot(session, writer, request, done);
        supervisor.NoticeGiven = session.SetNotice;
        supervisor.RaiseRequested = () => backend.Raise() ? null : $"the {backend.Name} display has no window";
        supervisor.Statistics = () => Measure(session);
        if (viewers is not null)
        {
            supervisor.ViewerInputTaken = viewers.Input.Take;
            supervisor.ViewerSizeTaken = viewers.Sizes.Take;
            supervisor.Consoles = viewers.Describe;
            session.ConsolesChanged = supervisor.TellConsoles;
        }

        backend.Start(session);
        // Windows and libraries are there; no byte from gpu-process was read yet.
        if (_options.Sandbox.LockDown() is { } confined)
        {
            supervisor.Confined(confined);
        }

        using ClipboardAgent? agent = ShareClipboard(backend);
        session.Connect();
        supervisor.Report(new DisplayReport
        {
            Backend = new BackendInfo { Backend = backend.Name, Transport = "memfd", Description = backend.Description },
        });
        if (!_ended)
        {
            backend.Run();
        }
    }

    private ClipboardAgent? ShareClipboard(IBackend backend) =>
        _options is { HasClipboard: true, AgentFd: { } agentFd } && backend.Clipboard is { } clipboard
            ? new ClipboardAgent(_loop, UnixSocket.Adopt(Descriptor.FromInherited(agentFd)), clipboard, _log)
            : null;

    private static void OnShown(DisplaySession session, SupervisorLink supervisor, Head head)
    {
        supervisor.Touch();
        if (session.Shows == 1)
        {
            supervisor.Report(new DisplayReport
            {
                FirstFrame = new FirstFrame { Width = (uint)head.Canvas!.Width, Height = (uint)head.Canvas.Height },
            });
        }
    }

    private void OnCloseRequested(SupervisorLink supervisor)
    {
        // With a supervisor the guest is asked to power off, and everything ends with it.
        if (supervisor.IsAttached)
        {
            supervisor.Report(new DisplayReport { CloseRequested = new CloseRequested() });
        }
        else
        {
            End(ExitStatus.Done);
        }
    }

    private void OnSourceGone(SupervisorLink supervisor)
    {
        // A window keeps the last picture for its user. Without one, and without a supervisor, nobody is left to wait for.
        if (!supervisor.IsAttached && _options is { Backend: BackendKind.Headless, PlugFd: null })
        {
            End(ExitStatus.Done);
        }
    }

    private void End(int exitStatus)
    {
        if (!_ended)
        {
            _ended = true;
            _exitStatus = exitStatus;
            _backend?.Stop();
        }
    }

    private int Fail(SupervisorLink? supervisor, string message, int exitStatus)
    {
        _log(message);
        supervisor?.Fail(message);
        return exitStatus;
    }

    private static DisplayStatistics Measure(DisplaySession session)
    {
        (uint width, uint height) = session.Heads[0].Size;
        return new DisplayStatistics
        {
            Frames = session.Shows,
            Width = width,
            Height = height,
            InputEvents = session.Input.EventsSent,
            Received = Sum(session, head => head.Frames),
            DmaBufFrames = session.DmaBufFrames,
            Copies = Sum(session, head => head.Copies),
            BufferUse = session.Transport,
            LatencyMicroseconds = session.Latency.Within(0.5),
            LatencyP99Microseconds = session.Latency.Within(0.99),
        };
    }

    private static ulong Sum(DisplaySession session, Func<Head, ulong> count)
    {
        ulong sum = 0;
        foreach (Head head in session.Heads)
        {
            sum += count(head);
        }

        return sum;
    }

    private static void TakeScreenshot(DisplaySession session, PngWriter writer, Screenshot request, Action<string?> done)
    {
        if (request.Head >= session.Heads.Count)
        {
            done($"there is no head {request.Head}");
            return;
        }

        Snapshot? snapshot = session.Heads[(int)request.Head].TakeSnapshot();
        if (snapshot is null)
        {
            done($"head {request.Head} shows no picture");
        }
        else if (!writer.TryWrite(snapshot, [request.Path], done))
        {
            done("too many pictures are being written");
        }
    }
}
