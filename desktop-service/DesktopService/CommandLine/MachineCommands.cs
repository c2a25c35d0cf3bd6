using System.CommandLine;
using Grpc.Core;
using SplitVmm.Control.Client;
using SplitVmm.Control.Protocol;
using SplitVmm.DesktopService.Consoles;
using SplitVmm.DesktopService.Definitions;
using SplitVmm.DesktopService.Launching;
using SplitVmm.DesktopService.Machines;
using SplitVmm.DesktopService.Spawning;
using SplitVmm.DesktopService.Text;
using SplitVmm.DesktopService.Views;

namespace SplitVmm.DesktopService.CommandLine;

/// <summary>The commands that are about a machine which another splitvmm runs, or will run.</summary>
internal sealed class MachineCommands
{
    private readonly Argument<string?> _name = WordArgument.OneOrNone("NAME", "which machine; may be left out if only one runs")
        .Offering(RuntimeFolder.Names);
    private readonly Argument<string> _definition = WordArgument.One("NAME", "which machine").Offering(DefinitionFolder.Names);
    private readonly Argument<string?> _usual = WordArgument.OneOrNone("NAME", "which machine; may be left out for the one that was last started so")
        .Offering(DefinitionFolder.Names);
    private readonly Argument<string> _file = WordArgument.One("FILE", "where the PNG goes");
    private readonly Option<string?> _nameOption = MachineOptions.Name();
    private readonly Option<uint> _head = MachineOptions.Head();
    /// <summary>From the end of the machine until the end of its splitvmm.</summary>
    private static readonly TimeSpan LastStep = TimeSpan.FromSeconds(10);

    private readonly Option<bool> _json = MachineOptions.Json();
    private readonly Option<bool> _force = new("--force") { Description = "do not ask the guest" };

    public MachineCommands()
    {
        var list = new Command("list", "List the machines that run") { _json };
        list.SetAction(result => List(result.GetValue(_json)));
        var status = new Command("status", "Show what a machine does") { _name, _json };
        status.SetAction(ShowStatus);
        var start = new Command("start", "Start a machine that is defined in a file, in the background; ends when the guest runs") { _definition, _json };
        start.SetAction(result => Act(result, MachineActions.StartAsync(result.GetValue(_definition)!, IsRunning, CancellationToken.None)));
        var open = new Command("open", "Bring a machine before you: start it, let it go on, or raise its window") { _usual, _json };
        open.SetAction(result => Act(result, result.GetValue(_usual) is { } name
            ? MachineActions.OpenAsync(name, IsRunning, CancellationToken.None)
            : MachineActions.OpenUsualAsync(IsRunning, CancellationToken.None)));
        var pause = new Command("pause", "Stop a machine's CPUs, until it is resumed or stopped") { _name, _json };
        pause.SetAction(result => Ask(result, _name, machine => machine.Pause(new PauseRequest())));
        var resume = new Command("resume", "Let a machine go on that was paused") { _name, _json };
        resume.SetAction(result => Ask(result, _name, machine => machine.Resume(new ResumeRequest())));
        var restart = new Command("restart-gpu", "Replace a machine's gpu-process while the guest runs, for example after a driver update") { _name, _json };
        restart.SetAction(result => Ask(result, _name, machine => machine.RestartGpu(new RestartGpuRequest())));
        var stop = new Command("stop", "Ask a machine's guest to power off, and wait for the end") { _name, _force, _json };
        stop.SetAction(result => Ask(result, _name, machine => Stop(machine, result.GetValue(_force), result.GetValue(_json))));
        var screenshot = new Command("screenshot", "Write what a machine shows as PNG") { _file, _nameOption, _head, _json };
        screenshot.SetAction(result => Ask(result, _nameOption, machine => machine.TakeScreenshot(
            new ScreenshotRequest { Path = Path.GetFullPath(result.GetValue(_file)!), Head = result.GetValue(_head) })));
        All = [list, status, start, open, pause, resume, restart, stop, screenshot, new RecordCommand().Command];
    }

    public IReadOnlyList<Command> All { get; }

    private static int List(bool json)
    {
        List<MachineInfo> machines = RunningMachines.List();
        if (json)
        {
            Print(MachineText.Json(machines));
        }
        else if (machines.Count == 0)
        {
            Print("no machine runs");
        }
        else
        {
            machines.ForEach(machine => Print(MachineText.Line(machine)));
        }

        return ExitStatus.AsAsked;
    }

    private static bool IsRunning(MachineInfo machine) => machine.State != "starting";

    private int ShowStatus(ParseResult result)
    {
        bool json = result.GetValue(_json);
        return With(result.GetValue(_name), new CommandAnswer(json), machine =>
        {
            MachineInfo state = machine.GetState(new StateRequest());
            Print(json ? MachineText.Json(state) : MachineText.Paragraph(state));
            return ExitStatus.AsAsked;
        });
    }

    /// <returns>When the machine has ended.</returns>
    private static Outcome Stop(MachineControl.MachineControlClient machine, bool force, bool json)
    {
        using var end = new ProcessEnd(machine.GetState(new StateRequest()).Pid);
        using AsyncServerStreamingCall<MachineEvent> events = machine.Events(new EventsRequest());
        _ = events.ResponseHeadersAsync.GetAwaiter().GetResult();
        Outcome outcome = machine.Stop(new StopRequest { Force = force });
        if (outcome.Error.Length > 0)
        {
            return outcome;
        }

        try
        {
            while (events.ResponseStream.MoveNext(CancellationToken.None).GetAwaiter().GetResult())
            {
                MachineEvent item = events.ResponseStream.Current;
                if (item.Kind == "ended")
                {
                    outcome.Text = item.Text;
                }
                else if (item.Kind == "notice" && !json)
                {
                    Print(OneLine.Clean(item.Text));
                }
            }
        }
        catch (RpcException)
        {
            // Its end was asked for, and that is what this is.
        }

        // Its name is free only then.
        _ = end.Wait(LastStep);
        return outcome;
    }

    private int Act(ParseResult result, Task<ActionOutcome> action)
    {
        var answer = new CommandAnswer(result.GetValue(_json));
        ActionOutcome outcome = action.GetAwaiter().GetResult();
        return outcome.IsDone ? answer.Done(outcome.Text) : answer.Fail(outcome.Text);
    }

    private int Ask(ParseResult result, Symbol name, Func<MachineControl.MachineControlClient, Outcome> question)
    {
        var answer = new CommandAnswer(result.GetValue(_json));
        string? chosen = name is Option<string?> option ? result.GetValue(option) : result.GetValue((Argument<string?>)name);
        return With(chosen, answer, machine =>
        {
            Outcome outcome = question(machine);
            return outcome.Error.Length == 0 ? answer.Done(outcome.Text) : answer.Fail(outcome.Error);
        });
    }

    private static int With(string? name, CommandAnswer answer, Func<MachineControl.MachineControlClient, int> question)
    {
        using MachineConnection? connection = RunningMachines.Find(name, out string error);
        if (connection is null)
        {
            return answer.Fail(error);
        }

        try
        {
            return question(connection.Machine);
        }
        catch (RpcException failure)
        {
            return answer.Fail(MachineActions.Explain(failure));
        }
    }

    private static void Print(string text) => OutputFile.StandardOutput.WriteLine(text);
}
