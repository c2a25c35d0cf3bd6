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

    public async Task<Outcome> TakeScreenshotAsync(string path)
    {
        if (!Path.IsPathRooted(path))
        {
            return new Outcome { Error = $"'{path}' is not an absolute path" };
        }

        // A caged display-process reaches one folder only.
        string written = machine.PictureFolder is { } folder ? Path.Combine(folder, $"{Guid.NewGuid():N}.png") : path;
        Task<string?>? taking = await OnLoopAsync(() => machine.Display?.RequestAsync(
            new DisplayCommand { Screenshot = new Screenshot { Path = written } }, ScreenshotLimit)).ConfigureAwait(false);
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
        };
        state.Down.AddRange(status.Down);
        state.Processes.AddRange(machine.Processes.Select(process => new MachineProcess
        {
            Name = process.Name,
            Pid = process.Child?.Pid ?? 0,
            State = Words.Of(process.Lifecycle.State),
        }));
        return state;
    }

    private Task<T> OnLoopAsync<T>(Func<T> function)
    {
        var result = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        machine.Loop.Post(() => result.SetResult(function()));
        return result.Task;
    }
}
