using System.CommandLine;
using Grpc.Core;
using SplitVmm.Control.Client;
using SplitVmm.Control.Protocol;
using SplitVmm.DesktopService.Consoles;
using SplitVmm.DesktopService.Machines;
using SplitVmm.DesktopService.Spawning;
using SplitVmm.DesktopService.Text;
using SplitVmm.DesktopService.Views;

namespace SplitVmm.DesktopService.CommandLine;

/// <summary>The commands that ask a machine which another splitvmm runs.</summary>
internal sealed class MachineCommands
{
    private readonly Argument<string?> _name = WordArgument.OneOrNone("NAME", "which machine; may be left out if only one runs");
    private readonly Argument<string> _file = WordArgument.One("FILE", "where the PNG goes");
    private readonly Option<string?> _nameOption = new("--name") { HelpName = "NAME", Description = "which machine; may be left out if only one runs" };
    private readonly Option<bool> _json = new("--json") { Description = "print JSON" };
    private readonly Option<bool> _force = new("--force") { Description = "do not ask the guest" };

    public MachineCommands()
    {
        var list = new Command("list", "List the machines that run") { _json };
        list.SetAction(result => List(result.GetValue(_json)));
        var status = new Command("status", "Show what a machine does") { _name, _json };
        status.SetAction(result => Ask(result.GetValue(_name), machine => ShowStatus(machine, result.GetValue(_json))));
        var restart = new Command("restart-gpu", "Replace a machine's gpu-process while the guest runs, for example after a driver update") { _name };
        restart.SetAction(result => Ask(result.GetValue(_name), machine => Report(machine.RestartGpu(new RestartGpuRequest()))));
        var stop = new Command("stop", "Ask a machine's guest to power off, and wait for the end") { _name, _force };
        stop.SetAction(result => Ask(result.GetValue(_name), machine => Stop(machine, result.GetValue(_force))));
        var screenshot = new Command("screenshot", "Write what a machine shows as PNG") { _file, _nameOption };
        screenshot.SetAction(result => Ask(result.GetValue(_nameOption), machine => Report(machine.TakeScreenshot(
            new ScreenshotRequest { Path = Path.GetFullPath(result.GetValue(_file)!) }))));
        All = [list, status, restart, stop, screenshot];
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

    private static int ShowStatus(MachineControl.MachineControlClient machine, bool json)
    {
        MachineInfo state = machine.GetState(new StateRequest());
        Print(json ? MachineText.Json(state) : MachineText.Paragraph(state));
        return ExitStatus.AsAsked;
    }

    private static int Stop(MachineControl.MachineControlClient machine, bool force)
    {
        using AsyncServerStreamingCall<MachineEvent> events = machine.Events(new EventsRequest());
        _ = events.ResponseHeadersAsync.GetAwaiter().GetResult();
        Outcome outcome = machine.Stop(new StopRequest { Force = force });
        if (outcome.Error.Length > 0)
        {
            return Fail(outcome.Error);
        }

        try
        {
            while (events.ResponseStream.MoveNext(CancellationToken.None).GetAwaiter().GetResult())
            {
                MachineEvent item = events.ResponseStream.Current;
                if (item.Kind is "notice" or "ended")
                {
                    Print(OneLine.Clean(item.Text));
                }
            }
        }
        catch (RpcException)
        {
            // Its end was asked for, and that is what this is.
        }

        return ExitStatus.AsAsked;
    }

    private static int Ask(string? name, Func<MachineControl.MachineControlClient, int> question)
    {
        using MachineConnection? connection = RunningMachines.Find(name, out string error);
        if (connection is null)
        {
            return Fail(error);
        }

        try
        {
            return question(connection.Machine);
        }
        catch (RpcException failure)
        {
            return Fail(failure.StatusCode is StatusCode.Unavailable or StatusCode.Cancelled or StatusCode.Internal
                ? "the machine has ended"
                : failure.Status.Detail);
        }
    }

    private static int Report(Outcome outcome)
    {
        if (outcome.Error.Length > 0)
        {
            return Fail(outcome.Error);
        }

        Print(OneLine.Clean(outcome.Text));
        return ExitStatus.AsAsked;
    }

    private static int Fail(string error)
    {
        OutputFile.StandardError.WriteLine($"splitvmm: {OneLine.Clean(error)}");
        return ExitStatus.Failed;
    }

    private static void Print(string text) => OutputFile.StandardOutput.WriteLine(text);
}
