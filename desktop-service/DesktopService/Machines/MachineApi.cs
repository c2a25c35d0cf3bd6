using System.Threading.Channels;
using SplitVmm.Control.Protocol;
using SplitVmm.ControlServer.Machines;
using SplitVmm.DesktopService.Supervision;
using SplitVmm.DesktopService.Views;

namespace SplitVmm.DesktopService.Machines;

/// <summary>Brings what the machine's owner asks to the supervisor's thread, and the answers back.</summary>
internal sealed class MachineApi(string name, VirtualMachine machine, EventFeed feed) : IMachineApi
{
    /// <summary>A picture is written in a fraction of this.</summary>
    private static readonly TimeSpan ScreenshotLimit = TimeSpan.FromSeconds(10);

    /// <summary>What a process does in one turn of its loop takes a fraction of this.</summary>
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(10);

    public Task<MachineInfo> GetStateAsync() => OnLoopAsync(Describe);

    public async Task<Outcome> RestartGpuAsync(CancellationToken cancellation)
    {
        ChannelReader<MachineEvent> events = feed.Subscribe();
        try
        {
            string? error = await OnLoopAsync(() => machine.Replace(ProcessRole.Gpu)).ConfigureAwait(false);
            if (error is not null)
            {
                return new Outcome { Error = error };
            }

            await foreach (MachineEvent item in events.ReadAllAsync(cancellation).ConfigureAwait(false))
            {
                if (item is { Kind: "recovery", Step: "restarted" or "given-up" } && item.Process == ProcessRole.Gpu.Name())
                {
                    return item.Step == "restarted" ? new Outcome { Text = item.Text } : new Outcome { Error = item.Text };
                }
            }

            return new Outcome { Error = "the machine has ended" };
        }
        finally
        {
            feed.Unsubscribe(events);
        }
    }

    public Task<Outcome> StopAsync(bool force) => OnLoopAsync(() =>
    {
        machine.OnEndRequested(EndRequest.Asked);
        if (force)
        {
            machine.OnEndRequested(EndRequest.Asked);
        }

        return new Outcome { Text = force ? "the machine is being ended" : "the guest was asked to power off" };
    });

    public Task<Outcome> PauseAsync() => CommandGuestAsync(new CoreCommand { Pause = new Pause() }, "paused");

    public Task<Outcome> ResumeAsync() => CommandGuestAsync(new CoreCommand { Resume = new Resume() }, "resumed");

    public async Task<Outcome> RaiseAsync()
    {
        Task<string?>? raising = await OnLoopAsync(() =>
            machine.Display?.RequestAsync(new DisplayCommand { Raise = new Raise() }, AnswerLimit)).ConfigureAwait(false);
        string? error = raising is null ? "the machine has no display" : await raising.ConfigureAwait(false);
        return error is null ? new Outcome { Text = "the window was brought to the front" } : new Outcome { Error = error };
    }

    public async Task<Outcome> TakeScreenshotAsync(string path, uint head)
    {
        if (!Path.IsPathRooted(path))
        {
            return new Outcome { Error = $"'{path}' is not an absolute path" };
        }

        // A caged display-process reaches one folder only.
        string written = machine.PictureFolder is { } folder ? Path.Combine(folder, $"{Guid.NewGuid():N}.png") : path;
        Task<string?>? taking = await OnLoopAsync(() => machine.Display?.RequestAsync(
            new DisplayCommand { Screenshot = new Screenshot { Path = written, Head = head } }, ScreenshotLimit)).ConfigureAwait(false);
        string? error = taking is null ? "the machine has no display" : await taking.ConfigureAwait(false);
        if (error is null && written != path)
        {
            error = TryMove(written, path);
        }

        return error is null ? new Outcome { Text = $"wrote {path}" } : new Outcome { Error = error };
    }

    public ChannelReader<MachineEvent> Subscribe() => feed.Subscribe();

    public void Unsubscribe(ChannelReader<MachineEvent> events) => feed.Unsubscribe(events);

    private static string? TryMove(string picture, string path)
    {
        try
        {
            var file = new FileInfo(picture);
            if (!file.Exists || file.LinkTarget is not null)
            {
                return "display-process wrote no picture";
            }

            file.MoveTo(path, overwrite: true);
            return null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return $"{path} cannot be written: {error.Message}";
        }
    }

    private MachineInfo Describe()
    {
        MachineStatus status = machine.Status;
        var state = new MachineInfo
        {
            Name = name,
            Pid = Environment.ProcessId,
            State = status.State,
            Seconds = status.Elapsed.TotalSeconds,
            Frames = status.Frames,
            FramesPerSecond = status.FramesPerSecond,
            Width = status.Width,
            Height = status.Height,
            Renderer = status.Renderer ?? "",
            Capsets = status.Capsets ?? "",
            Restarts = (uint)status.Restarts,
            WindowRepairs = status.WindowRepairs,
            Crashes = (uint)status.Crashes,
            GpuMode = GpuMode(status),
            FrameTransport = status.FrameTransport ?? "",
            FrameTransportReason = status.FrameTransportReason,
            FramesSent = status.FramesSent,
            GpuCopies = status.GpuCopies,
            FlipsNotAwaited = status.FlipsNotAwaited,
            FramesReceived = status.FramesReceived,
            DisplayCopies = status.DisplayCopies,
            FrameLatencyMicroseconds = status.FrameLatency,
            FrameLatencyP99Microseconds = status.FrameLatencyP99,
        };
        state.Down.AddRange(status.Down);
        state.Processes.AddRange(machine.Processes.Select(Describe));
        return state;
    }

    private MachineProcess Describe(SupervisedProcess process)
    {
        (int restarts, int crashes) = machine.CountsOf(process.Role);
        return new MachineProcess
        {
            Name = process.Name,
            Pid = process.Child?.Pid ?? 0,
            State = Words.Of(process.Lifecycle.State),
            Restarts = (uint)restarts,
            Crashes = (uint)crashes,
        };
    }

    private string GpuMode(MachineStatus status) => status.Renderer switch
    {
        _ when !machine.Processes.Any(process => process.Role == ProcessRole.Gpu) => "none",
        null => "",
        _ => status.Capsets is { Length: > 0 } ? "3d" : "2d",
    };

    private async Task<Outcome> CommandGuestAsync(CoreCommand command, string done)
    {
        string state = "";
        Task<string?>? asking = await OnLoopAsync(() =>
        {
            state = machine.Status.State;
            return machine.Core?.RequestAsync(command, AnswerLimit);
        }).ConfigureAwait(false);
        string? refusal = asking is null ? "vmm-core does not run" : await asking.ConfigureAwait(false);
        return refusal is null
            ? new Outcome { Text = $"the guest was {done}" }
            : new Outcome { Error = $"the guest cannot be {done}: the machine is {state}" };
    }

    private Task<T> OnLoopAsync<T>(Func<T> function)
    {
        var result = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        machine.Loop.Post(() => result.SetResult(function()));
        return result.Task;
    }
}
