using SplitVmm.Control.Client;
using SplitVmm.Control.Protocol;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Sockets;
using SplitVmm.Wires.Plug;

namespace SplitVmm.StandIn;

/// <summary>A "guest" that says hello on its console, echoes what is typed, and powers off when asked to or on "off".</summary>
internal sealed class CoreStandIn(Script script) : StandInProcess<CoreReport, CoreCommand>(script)
{
    private uint _backEnds = 1;
    private bool _started;
    private bool _paused;

    protected override ControlConnection<CoreReport, CoreCommand> Attach(
        Descriptor socket, ControlClientOptions<CoreCommand> options) => ControlClient.AttachCore(socket, options);

    protected override void OnAttached() => Report(GuestState.Ready);

    protected override void OnCommand(CoreCommand command)
    {
        switch (command.KindCase)
        {
            case CoreCommand.KindOneofCase.Start:
                _started = true;
                Report(GuestState.Running);
                Say("guest: up\r\n");
                TellPeers();
                new Thread(Echo) { IsBackground = true }.Start();
                if (Script.Reach("running") == "repair")
                {
                    _ = Control.Report(new CoreReport { WindowRepaired = new WindowRepaired { Device = 16, Repairs = 1 } });
                    _ = Control.Report(new CoreReport { WindowRepaired = new WindowRepaired { Device = 16, Repairs = 40 } });
                }

                break;
            case CoreCommand.KindOneofCase.PowerButton when !_paused && Script.Reach("power") is null:
                PowerOff();
                break;
            case CoreCommand.KindOneofCase.Pause or CoreCommand.KindOneofCase.Resume:
                Pause(command, command.KindCase == CoreCommand.KindOneofCase.Pause);
                break;
        }
    }

    protected override void OnPlugged(PlugRole role, UnixSocket wire)
    {
        // It works with its new peer before it says so.
        _ = wire.Send([1], [], out int _);
        if (role == PlugRole.VhostUser)
        {
            _backEnds++;
            string? action = Script.Reach("plugged");
            var change = new BackEndEvent { Device = 16, Serving = action is null, Connection = _backEnds, Detail = action ?? "" };
            // What is said of the former connection may come late, and must not harm the new process.
            _ = Control.Report(new CoreReport { BackEnd = new BackEndEvent { Device = 16, Connection = _backEnds - 1 } });
            _ = Control.Report(new CoreReport { BackEnd = change });
        }

        Say($"guest: {role} plugged\r\n");
    }

    protected override void OnPeerGone(string option)
    {
        if (option == "--vhost-user")
        {
            _ = Control.Report(new CoreReport { BackEnd = new BackEndEvent { Device = 16, Connection = _backEnds } });
        }
    }

    private void Pause(CoreCommand command, bool pause)
    {
        if (!_started || _paused == pause)
        {
            Control.Reply(command, "not possible now");
            return;
        }

        _paused = pause;
        Report(pause ? GuestState.Paused : GuestState.Running);
        Control.Reply(command);
    }

    private void PowerOff()
    {
        Report(GuestState.PoweredOff);
        Say("guest: off\r\n");
        End(0);
    }

    private void Report(GuestState state) =>
        Control.Report(new CoreReport { Guest = new GuestEvent { State = state } });

    private void Echo()
    {
        using Stream input = Console.OpenStandardInput();
        var typed = "";
        for (int key = input.ReadByte(); key >= 0; key = input.ReadByte())
        {
            Say(key is 3 or 1 ? $"<{key}>" : ((char)key).ToString());
            typed += (char)key;
            if (typed.EndsWith("off", StringComparison.Ordinal))
            {
                // What is typed after it is for nobody.
                Loop.Post(PowerOff);
                return;
            }
        }
    }

    private static void Say(string text)
    {
        using Stream output = Console.OpenStandardOutput();
        output.Write(System.Text.Encoding.UTF8.GetBytes(text));
    }
}
