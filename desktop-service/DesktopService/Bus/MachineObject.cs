using SplitVmm.Control.Protocol;
using SplitVmm.DesktopService.Bus.Book;
using SplitVmm.DesktopService.Bus.Wire;
using SplitVmm.DesktopService.Launching;
using Tmds.DBus.Protocol;

namespace SplitVmm.DesktopService.Bus;

/// <summary>A machine on the bus: a thin front of the control socket that the command line uses too.</summary>
internal sealed class MachineObject : BusObject
{
    private readonly string _name;
    private readonly Func<string, MachineEntry?> _find;

    /// <param name="find">What is known of a machine now.</param>
    /// <param name="actions">Starts and opens.</param>
    public MachineObject(DBusConnection connection, string name, Func<string, MachineEntry?> find, BusActions actions)
        : base(connection, BusNames.PathOf(name), BusNames.Machine)
    {
        _name = name;
        _find = find;
        Methods =
        [
            new(BusNames.Machine, "Start", "", call => DoAsync(call, actions.StartAsync(name))),
            new(BusNames.Machine, "Open", "", call => DoAsync(call, actions.OpenAsync(name))),
            new(BusNames.Machine, "Stop", "b", call =>
            {
                bool force = ReadBool(call);
                return AskAsync(call, async machine => await machine.StopAsync(new StopRequest { Force = force }));
            }),
            new(BusNames.Machine, "Pause", "", call => AskAsync(call, async machine => await machine.PauseAsync(new PauseRequest()))),
            new(BusNames.Machine, "Resume", "", call => AskAsync(call, async machine => await machine.ResumeAsync(new ResumeRequest()))),
            new(BusNames.Machine, "RestartGpu", "", RestartGpuAsync),
            new(BusNames.Machine, "Screenshot", "s", call =>
            {
                string path = ReadString(call);
                return AskAsync(call, async machine => await machine.TakeScreenshotAsync(new ScreenshotRequest { Path = path }));
            }),
        ];
    }

    public override IReadOnlyList<BusProperty> Properties =>
        MachineProperties.Of(_find(_name) ?? new MachineEntry(_name, _name, IsDefined: false, null));

    protected override IReadOnlyList<BusMethod> Methods { get; }

    /// <summary>Tells what is different, by PropertiesChanged and StateChanged.</summary>
    public void OnChanged(MachineEntry before, MachineEntry now)
    {
        Dictionary<string, string> images = MachineProperties.Of(before).ToDictionary(property => property.Name, property => property.Image);
        BusProperty[] changed = [.. MachineProperties.Of(now).Where(property => images[property.Name] != property.Image)];
        if (changed.Length > 0)
        {
            EmitChanged(Main, changed);
        }

        if (before.State != now.State)
        {
            EmitTexts("StateChanged", before.State, now.State);
        }
    }

    public void EmitTexts(string signal, string first, string second) => Emit(Main, signal, "ss", (ref MessageWriter writer) =>
    {
        writer.WriteString(first);
        writer.WriteString(second);
    });

    public void EmitEnded(bool isOk, string text) => Emit(Main, "Ended", "bs", (ref MessageWriter writer) =>
    {
        writer.WriteBool(isOk);
        writer.WriteString(text);
    });

    private static async Task<BusError?> DoAsync(BusCall call, Task<ActionOutcome> action)
    {
        ActionOutcome outcome = await action.ConfigureAwait(false);
        if (!outcome.IsDone)
        {
            return BusError.Of(outcome);
        }

        call.Reply();
        return null;
    }

    private Task<BusError?> AskAsync(BusCall call, Func<MachineControl.MachineControlClient, Task<Outcome>> question) =>
        DoAsync(call, MachineActions.AskAsync(_name, question));

    private async Task<BusError?> RestartGpuAsync(BusCall call)
    {
        ActionOutcome outcome = await MachineActions.AskAsync(
            _name, async machine => await machine.RestartGpuAsync(new RestartGpuRequest())).ConfigureAwait(false);
        if (!outcome.IsDone)
        {
            return BusError.Of(outcome);
        }

        call.Reply("s", (ref MessageWriter writer) => writer.WriteString(outcome.Text));
        return null;
    }
}
