using SplitVmm.Control.Client;
using SplitVmm.Control.Messages;
using SplitVmm.Control.Protocol;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Events;
using SplitVmm.Sandbox;
using SplitVmm.VmmCore.Devices;
using SplitVmm.VmmCore.Machine;

namespace SplitVmm.VmmCore.Hosting;

/// <summary>
/// The control connection to the supervisor: its commands to the machine, the machine's state and news back.
/// Lives on the machine's thread.
/// </summary>
internal sealed class Supervisor : IDisposable
{
    private readonly ControlConnection<CoreReport, CoreCommand> _connection;
    private readonly Action<EndReason> _end;
    private Machine.Machine? _machine;

    /// <param name="socket">Inherited end of the connection; owned from here on.</param>
    /// <param name="loop">The machine's loop.</param>
    /// <param name="end">The supervisor wants the process to end, or has gone.</param>
    /// <exception cref="ControlException">There is no supervisor of this version at the other end.</exception>
    public Supervisor(Descriptor socket, EventLoop loop, Action<EndReason> end)
    {
        _end = end;
        _connection = ControlClient.AttachCore(socket, new ControlClientOptions<CoreCommand>
        {
            Process = "vmm-core",
            Capabilities = ["pause", "reset", "power-button"],
            Post = loop.Post,
            OnCommand = Serve,
            OnEnd = reason => _end(reason),
        });
    }

    /// <summary>The process has given up what it does not need.</summary>
    public void Confined(SandboxState state) => _connection.Confined(state.ToReport());

    /// <summary>The machine is ready; a Start is awaited.</summary>
    public void Present(Machine.Machine machine)
    {
        _machine = machine;
        machine.StateChanged += Report;
        Report(machine.State);
    }

    /// <summary>A device has lost its back end, for the reason given, or goes on with a new one (null).</summary>
    public void ReportBackEnd(VhostUserDevice device, string? lost)
    {
        var state = new BackEndEvent
        {
            Device = (uint)device.Type,
            Serving = lost is null,
            Detail = lost ?? "",
            Connection = (uint)device.Connections,
        };
        _ = _connection.Report(new CoreReport { BackEnd = state });
    }

    /// <summary>The window of a device was emptied because the host could not provide its pages, for the so manieth time.</summary>
    public void ReportRepairs(VhostUserDevice device, ulong repairs) =>
        _ = _connection.Report(new CoreReport { WindowRepaired = new WindowRepaired { Device = (uint)device.Type, Repairs = repairs } });

    /// <summary>Tells why the process is about to fail.</summary>
    public void Fail(string message) => _connection.Fail(message);

    public void Dispose() => _connection.Dispose();

    private void Serve(CoreCommand command)
    {
        bool? done = command.KindCase switch
        {
            _ when _machine is null => false,
            CoreCommand.KindOneofCase.Start => _machine.Start(),
            CoreCommand.KindOneofCase.PowerButton => _machine.PressPowerButton(),
            CoreCommand.KindOneofCase.Reset => _machine.Reset(),
            CoreCommand.KindOneofCase.Pause => _machine.Pause(),
            CoreCommand.KindOneofCase.Resume => _machine.Resume(),
            _ => null,
        };
        _connection.Reply(command, done switch
        {
            true => null,
            false => $"not possible while the machine is {_machine?.State.ToString() ?? "not built"}",
            null => $"vmm-core does not know the command {command.KindCase}",
        });
    }

    private void Report(MachineState state)
    {
        var guest = new GuestEvent
        {
            State = state switch
            {
                MachineState.Ready => GuestState.Ready,
                MachineState.Running => GuestState.Running,
                MachineState.Paused => GuestState.Paused,
                MachineState.Rebooting => GuestState.Rebooting,
                MachineState.PoweredOff => GuestState.PoweredOff,
                _ => GuestState.Stopped,
            },
            Detail = _machine?.Crash?.Summary ?? "",
        };
        _ = _connection.Report(new CoreReport { Guest = guest });
    }
}
