using SplitVmm.Control.Protocol;
using SplitVmm.DesktopService.Bus.Wire;
using SplitVmm.DesktopService.Definitions;
using SplitVmm.DesktopService.Launching;
using SplitVmm.DesktopService.Machines;
using Tmds.DBus.Protocol;

namespace SplitVmm.DesktopService.Bus;

/// <summary>
/// <c>org.freedesktop.Application</c>, by which launchers start what a desktop entry with DBusActivatable=true names. A
/// launcher shows no errors: they also go to the user as a notification.
/// </summary>
/// <remarks>Desktop Entry Specification, D-Bus Activation.</remarks>
internal sealed class ApplicationMethods(BusActions actions, Notifications notifications)
{
    public IReadOnlyList<BusMethod> All =>
    [
        new(BusNames.Application, "Activate", "a{sv}", call => DoAsync(call, actions.OpenUsualAsync)),
        new(BusNames.Application, "Open", "asa{sv}", OpenAsync),
        new(BusNames.Application, "ActivateAction", "sava{sv}", ActAsync),
    ];

    private Task<BusError?> OpenAsync(BusCall call)
    {
        Reader body = call.Body;
        string[] uris = body.ReadArrayOfString();
        return DoAsync(call, async () =>
        {
            foreach (string uri in uris)
            {
                ActionOutcome outcome = NameOf(uri) is { } name
                    ? await actions.OpenAsync(name).ConfigureAwait(false)
                    : new ActionOutcome(ActionStatus.NoSuchMachine, $"{uri} is no definition in {DefinitionFolder.Root}; splitvmm config put brings one there");
                if (!outcome.IsDone)
                {
                    return outcome;
                }
            }

            return new ActionOutcome(ActionStatus.Done, "");
        });
    }

    private Task<BusError?> ActAsync(BusCall call)
    {
        Reader body = call.Body;
        string action = body.ReadString();
        VariantValue[] parameters = body.ReadArrayOfVariantValue();
        if (parameters.Length != 1 || parameters[0].Type != VariantValueType.String)
        {
            return Task.FromResult<BusError?>(BusError.InvalidArguments($"the action {action} takes the name of a machine"));
        }

        string name = parameters[0].GetString();
        Func<Task<ActionOutcome>>? act = action switch
        {
            "start" => () => actions.StartAsync(name),
            "open" => () => actions.OpenAsync(name),
            "stop" => () => MachineActions.AskAsync(name, async machine => await machine.StopAsync(new StopRequest())),
            "pause" => () => MachineActions.AskAsync(name, async machine => await machine.PauseAsync(new PauseRequest())),
            "resume" => () => MachineActions.AskAsync(name, async machine => await machine.ResumeAsync(new ResumeRequest())),
            "restart-gpu" => () => MachineActions.AskAsync(name, async machine => await machine.RestartGpuAsync(new RestartGpuRequest())),
            _ => null,
        };
        return act is null
            ? Task.FromResult<BusError?>(BusError.InvalidArguments($"unknown action {action}; known are start, open, stop, pause, resume, restart-gpu"))
            : DoAsync(call, act);
    }

    private async Task<BusError?> DoAsync(BusCall call, Func<Task<ActionOutcome>> action)
    {
        ActionOutcome outcome = await action().ConfigureAwait(false);
        if (outcome.IsDone)
        {
            call.Reply();
            return null;
        }

        notifications.Tell("", "SplitVmm", outcome.Text, isUrgent: false);
        return BusError.Of(outcome);
    }

    // Only what the user has put among the definitions: a file from elsewhere names programs and devices.
    private static string? NameOf(string uri)
    {
        if (!Uri.TryCreate(uri, UriKind.Absolute, out Uri? address) || !address.IsFile)
        {
            return null;
        }

        string name = Path.GetFileNameWithoutExtension(address.LocalPath);
        return MachineName.TryParse(name, out _, out _) && Path.GetFullPath(address.LocalPath) == DefinitionFolder.PathOf(name) ? name : null;
    }
}
