using SplitVmm.Control.Client;
using SplitVmm.Control.Protocol;
using SplitVmm.Platform.Descriptors;

namespace SplitVmm.StandIn;

/// <summary>A "window" that shows one frame, and may be closed.</summary>
internal sealed class DisplayStandIn(Script script) : StandInProcess<DisplayReport, DisplayCommand>(script)
{
    protected override ControlConnection<DisplayReport, DisplayCommand> Attach(
        Descriptor socket, ControlClientOptions<DisplayCommand> options) => ControlClient.AttachDisplay(socket, options);

    protected override void OnAttached() =>
        Control.Report(new DisplayReport { Backend = new BackendInfo { Backend = "headless", Transport = "memfd" } });

    protected override void OnRunning()
    {
        _ = Control.Report(new DisplayReport { FirstFrame = new FirstFrame { Width = 640, Height = 480 } });
        _ = Control.Report(new DisplayReport { Statistics = new DisplayStatistics { Frames = 9, Width = 640, Height = 480 } });
        if (Script.Reach("running") == "close")
        {
            _ = Control.Report(new DisplayReport { CloseRequested = new CloseRequested() });
        }
    }

    protected override void OnCommand(DisplayCommand command)
    {
        switch (command.KindCase)
        {
            case DisplayCommand.KindOneofCase.Screenshot:
                File.WriteAllText(command.Screenshot.Path, "a picture\n");
                Control.Reply(command);
                break;
            case DisplayCommand.KindOneofCase.Raise:
                Console.Error.WriteLine("display-process: raised");
                Control.Reply(command);
                break;
        }
    }
}
