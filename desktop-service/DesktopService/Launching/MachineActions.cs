using Grpc.Core;
using SplitVmm.Control.Client;
using SplitVmm.Control.Protocol;
using SplitVmm.DesktopService.Definitions;
using SplitVmm.DesktopService.Machines;

namespace SplitVmm.DesktopService.Launching;

/// <summary>What people do with machines by name; the same for the command line and for the D-Bus service.</summary>
internal static class MachineActions
{
    /// <summary>Starts a machine that is defined, in the background.</summary>
    /// <param name="isReached">How far it has to be.</param>
    public static async Task<ActionOutcome> StartAsync(string name, Func<MachineInfo, bool> isReached, CancellationToken cancellation)
    {
        if (DefinitionFolder.Find(name, out string error) is not { } definition)
        {
            return new ActionOutcome(DefinitionFolder.Exists(name) ? ActionStatus.InvalidDefinition : ActionStatus.NoSuchMachine, error);
        }

        using (MachineConnection? running = RunningMachines.TryConnect(name))
        {
            if (running is not null)
            {
                return new ActionOutcome(ActionStatus.AlreadyRunning, $"{name} runs already");
            }
        }

        try
        {
            using Launch launch = MachineLauncher.Start(definition);
            return await launch.WaitAsync(isReached, cancellation).ConfigureAwait(false) is { } failure
                ? new ActionOutcome(ActionStatus.Failed, $"{name} did not start: {failure}")
                : new ActionOutcome(ActionStatus.Done, $"{name} was started");
        }
        catch (IOException failure)
        {
            return new ActionOutcome(ActionStatus.Failed, $"{name} cannot be started: {failure.Message}");
        }
    }

    /// <summary>Brings a machine before the user: starts it, lets it go on, or raises its window.</summary>
    public static async Task<ActionOutcome> OpenAsync(string name, Func<MachineInfo, bool> isReached, CancellationToken cancellation)
    {
        using MachineConnection? running = RunningMachines.TryConnect(name);
        if (running is null)
        {
            return await StartAsync(name, isReached, cancellation).ConfigureAwait(false);
        }

        return await AskAsync(async () =>
        {
            MachineInfo state = await running.Machine.GetStateAsync(new StateRequest(), cancellationToken: cancellation).ConfigureAwait(false);
            if (state.State == "paused")
            {
                Outcome resumed = await running.Machine.ResumeAsync(new ResumeRequest(), cancellationToken: cancellation).ConfigureAwait(false);
                if (resumed.Error.Length > 0)
                {
                    return resumed;
                }
            }

            return await running.Machine.RaiseAsync(new RaiseRequest(), cancellationToken: cancellation).ConfigureAwait(false);
        }).ConfigureAwait(false);
    }

    /// <summary>
    /// Opens the machine that was last started in the background; before there was one, the first by name.
    /// </summary>
    public static Task<ActionOutcome> OpenUsualAsync(Func<MachineInfo, bool> isReached, CancellationToken cancellation)
    {
        string? usual = DefinitionFolder.Names().OrderByDescending(name => File.GetLastWriteTimeUtc(StateFolder.LogOf(name))).FirstOrDefault();
        return usual is null
            ? Task.FromResult(new ActionOutcome(
                ActionStatus.NoSuchMachine, $"no machine is defined in {DefinitionFolder.Root} yet; splitvmm config put makes one"))
            : OpenAsync(usual, isReached, cancellation);
    }

    /// <summary>Asks a machine that runs.</summary>
    public static async Task<ActionOutcome> AskAsync(string name, Func<MachineControl.MachineControlClient, Task<Outcome>> question)
    {
        using MachineConnection? running = RunningMachines.TryConnect(name);
        return running is not null
            ? await AskAsync(() => question(running.Machine)).ConfigureAwait(false)
            : DefinitionFolder.Exists(name)
                ? new ActionOutcome(ActionStatus.NotRunning, $"{name} does not run")
                : new ActionOutcome(ActionStatus.NoSuchMachine, $"there is no machine {name}");
    }

    private static async Task<ActionOutcome> AskAsync(Func<Task<Outcome>> question)
    {
        try
        {
            Outcome outcome = await question().ConfigureAwait(false);
            return outcome.Error.Length == 0
                ? new ActionOutcome(ActionStatus.Done, outcome.Text)
                : new ActionOutcome(ActionStatus.Failed, outcome.Error);
        }
        catch (RpcException failure)
        {
            return new ActionOutcome(ActionStatus.NotRunning, Explain(failure));
        }
    }

    /// <summary>Why a machine did not answer, in one line.</summary>
    public static string Explain(RpcException failure) =>
        failure.StatusCode is StatusCode.Unavailable or StatusCode.Cancelled or StatusCode.Internal
            ? "the machine has ended"
            : failure.Status.Detail;
}
