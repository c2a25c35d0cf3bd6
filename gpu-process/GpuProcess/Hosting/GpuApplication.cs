using SplitVmm.Control.Client;
using SplitVmm.GpuProcess.Device;
using SplitVmm.GpuProcess.DmaBufs;
using SplitVmm.GpuProcess.Fences;
using SplitVmm.GpuProcess.Journal;
using SplitVmm.GpuProcess.Logging;
using SplitVmm.GpuProcess.Native;
using SplitVmm.GpuProcess.Options;
using SplitVmm.GpuProcess.Rendering;
using SplitVmm.GpuProcess.Virgl;
using SplitVmm.Hosting;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Errors;
using SplitVmm.Platform.Events;
using SplitVmm.Platform.Sockets;
using SplitVmm.VhostUser.BackEnd;
using SplitVmm.Wires.Plug;

namespace SplitVmm.GpuProcess.Hosting;

/// <summary>
/// gpu-process from its options to its exit status, on one thread: event loop, renderer, device, back end,
/// display wire and control connection.
/// </summary>
public sealed class GpuApplication : IProcessApplication
{
    private readonly GpuProcessOptions _options;
    private readonly Action<string> _log;
    private readonly GuestLog _guestLog;
    private readonly EventLoop _loop = new();
    private int _exitStatus = ExitStatus.Done;

    /// <param name="log">Takes lines for the user; from any thread.</param>
    public GpuApplication(GpuProcessOptions options, Action<string> log)
    {
        _options = options;
        _log = log;
        _guestLog = new GuestLog(log);
    }

    /// <summary>Serves until <see cref="RequestEnd"/>, the supervisor or the front end ends it.</summary>
    /// <returns>The exit status; a failure has been reported in one line.</returns>
    public int Run()
    {
        GpuSupervisor? supervisor = null;
        try
        {
            if (_options.ControlFd is { } fd)
            {
                supervisor = GpuSupervisor.Attach(Descriptor.FromInherited(fd), _loop, End);
            }

            Serve(supervisor);
        }
        catch (Exception error) when (error is VirglException or NativeException)
        {
            Fail(supervisor, error.Message, ExitStatus.HostUnfit);
        }
        catch (Exception error) when (error is IOException or JournalException)
        {
            Fail(supervisor, error.Message, ExitStatus.Failed);
        }
        finally
        {
            supervisor?.Dispose();
        }

        return _exitStatus;
    }

    /// <summary>Ends <see cref="Run"/> in good order. From any thread.</summary>
    public void RequestEnd() => _loop.Stop();

    public void Dispose() => _loop.Dispose();

    private void Serve(GpuSupervisor? supervisor)
    {
        using RetiredFences? retired = _options.Gpu.Offered != ContextTypes.None ? new RetiredFences() : null;
        IRenderer renderer = StartRenderer(retired);
        _log($"renderer: {renderer.Identity}");
        var exports = new PictureExports(renderer, Udmabuf.TryOpen(out string noUdmabuf), noUdmabuf);
        // The renderer has its libraries and devices. What is read from here on comes from the guest, or from the
        // journal that a process which the guest had taken over may have written.
        if (_options.Sandbox.LockDown() is { } confined)
        {
            supervisor?.Confined(confined);
        }

        using GpuJournal? journal = OpenJournal();
        using var device = new GpuDevice(_loop, renderer, retired, _options.Gpu, _guestLog.Write, journal, exports);
        using var backEnd = new VhostUserBackEnd(_loop, device, _guestLog.Write);
        device.Window.Mapper = backEnd;
        device.ConfigChanged += backEnd.NotifyConfigChanged;
        supervisor?.Watch(device, renderer, _loop);
        if (_options.DisplayFd is { } displayFd)
        {
            device.Display.Closed += _ => _log("the display has gone; frames go nowhere until there is another");
            device.Display.Attach(UnixSocket.Adopt(Descriptor.FromInherited(displayFd)));
        }

        using PlugWireSink? plugs = _options.PlugFd is { } plugFd
            ? new PlugWireSink(
                _loop, UnixSocket.Adopt(Descriptor.FromInherited(plugFd)), new DisplayPlug(device.Display, _log), PlugRole.Display)
            : null;
        if (_options.VhostUserPath is { } path)
        {
            Listen(backEnd, path);
        }
        else
        {
            // An inherited connection is the only one there will be.
            backEnd.Disconnected += _ => _loop.Stop();
            backEnd.Serve(UnixSocket.Adopt(Descriptor.FromInherited(_options.VhostUserFd!.Value)));
        }

        _loop.Run();
    }

    private IRenderer StartRenderer(RetiredFences? retired)
    {
        // The renderer takes a copy: with this one open, the end of its own would go unnoticed at the other side.
        using Descriptor? venus = _options.VenusFd is { } fd ? Descriptor.FromInherited(fd) : null;
        // virglrenderer waits for the server's answers in recvmsg.
        venus?.SetNonBlocking(false);
        return Renderers.Start(_options, venus, _loop, retired, _guestLog);
    }

    private static void Listen(VhostUserBackEnd backEnd, string path)
    {
        try
        {
            backEnd.Listen(path);
        }
        catch (ErrnoException e) when (e.Errno == Errno.EADDRINUSE)
        {
            throw new IOException($"--vhost-user-listen {path}: taken by another program; end that, or name another path", e);
        }
    }

    private GpuJournal? OpenJournal()
    {
        if (_options.JournalFd is not { } fd)
        {
            return null;
        }

        using Descriptor file = Descriptor.FromInherited(fd);
        string? fault = GpuJournal.TryOpen(file, _log, out GpuJournal? journal);
        return fault is null ? journal : throw new JournalException(fault);
    }

    private void End(EndReason reason)
    {
        _exitStatus = reason == EndReason.Quit ? ExitStatus.Done : ExitStatus.Failed;
        _loop.Stop();
    }

    private void Fail(GpuSupervisor? supervisor, string line, int exitStatus)
    {
        _log(line);
        supervisor?.Fail(line);
        _exitStatus = exitStatus;
    }
}
