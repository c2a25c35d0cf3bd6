using Microsoft.Extensions.Logging;
using SplitVmm.Control.Client;
using SplitVmm.Hosting;
using SplitVmm.Platform.Descriptors;
using SplitVmm.Platform.Events;
using SplitVmm.Platform.Sockets;
using SplitVmm.Sandbox;
using SplitVmm.VmmCore.Boot;
using SplitVmm.VmmCore.CommandLine;
using SplitVmm.VmmCore.Devices;
using SplitVmm.VmmCore.Input;
using SplitVmm.VmmCore.Kvm;
using SplitVmm.VmmCore.Machine;
using SplitVmm.VmmCore.Probe;
using SplitVmm.VmmCore.SharedMemory;
using SplitVmm.VmmCore.VirtioConsole;
using SplitVmm.Wires.Input;
using SplitVmm.Wires.Plug;

namespace SplitVmm.VmmCore.Hosting;

/// <summary>
/// One run of vmm-core from the checked command line to the exit status, on one thread. <see cref="RequestEnd"/> may be
/// called from any thread.
/// </summary>
internal sealed class MachineSession(CoreOptions options, ProcessSandbox sandbox, ILogger logger) : IProcessApplication
{
    private static readonly TimeSpan s_repairInterval = TimeSpan.FromSeconds(1);

    private readonly EventLoop _loop = new();
    private readonly List<RepairNews> _repairNews = [];
    private Supervisor? _supervisor;
    private Machine.Machine? _machine;
    private int _status = ExitStatus.Done;

    /// <summary>Switches the machine off, now or as soon as it is built.</summary>
    public void RequestEnd() => _loop.Post(() => _machine?.PowerOff());

    /// <returns>The exit status.</returns>
    public int Run()
    {
        try
        {
            if (options.ControlFd is { } controlFd)
            {
                _supervisor = new Supervisor(Descriptor.FromInherited(controlFd), _loop, OnSupervisorEnd);
            }

            RunMachine();
        }
        catch (HostUnfitException error)
        {
            Fail(ExitStatus.HostUnfit, error.InnerException is { } cause ? $"{error.Message}: {cause.Message}" : error.Message);
        }
        catch (Exception error) when (
            error is BootException or IOException or InvalidOperationException or OutOfMemoryException)
        {
            // IOException covers failed system calls, back ends that do not answer, and the control connection.
            Fail(ExitStatus.Failed, error.Message);
        }
        finally
        {
            _supervisor?.Dispose();
        }

        return _status;
    }

    public void Dispose()
    {
        _repairNews.ForEach(static news => news.Dispose());
        _loop.Dispose();
    }

    private void RunMachine()
    {
        using KvmSystem system = KvmSystem.Open();
        if (options.Cpus > system.MaximumVcpus)
        {
            Fail(ExitStatus.WrongUsage, $"--cpus '{options.Cpus}' is more than this host's KVM allows; write 1 to {system.MaximumVcpus}");
            return;
        }

        using KernelImage kernel = KernelImage.Open(options.Kernel);
        using BootFile? initrd = options.Initrd is { } path ? BootFile.Open(path) : null;
        List<(VhostUserArgument Argument, UnixSocket Socket)> backEnds = ConnectBackEnds();
        // All that has a name is open: nothing more is needed than KVM, memory, and what is inherited.
        if (sandbox.LockDown() is { } state)
        {
            _supervisor?.Confined(state);
        }

        if (!kernel.IsMicroguest)
        {
            HostProbe.Require(system);
        }

        var request = new BootRequest(kernel, initrd, options.Append);
        using var machine = new Machine.Machine(system, Describe(request), _loop);
        machine.StateChanged += OnStateChanged;
        machine.TripleFaulted += vcpu => Log.TripleFault(logger, vcpu);
        using var input = new InputRouter(_loop, machine.Hardware.Memory, InputDevices());
        List<VhostUserDevice> replaceable = AddDevices(machine.Hardware, input, backEnds);
        using AgentChannel? agent = AddAgent(machine.Hardware);
        using PlugWireSink? plugs = options.PlugFd is { } plugFd
            ? new PlugWireSink(
                _loop,
                UnixSocket.Adopt(Descriptor.FromInherited(plugFd)),
                new PlugRouter(replaceable, input, agent, logger),
                PlugRole.VhostUser,
                PlugRole.Input,
                PlugRole.Agent)
            : null;
        _machine = machine;
        if (_supervisor is { } supervisor)
        {
            supervisor.Present(machine);
        }
        else
        {
            machine.Start();
        }

        _loop.Run();
        _machine = null;
    }

    // Desktops show a keyboard on the screen where there is a touch screen, so there is one only if it was asked for.
    private InputDeviceKind[] InputDevices() =>
    [
        InputDeviceKind.Keyboard, InputDeviceKind.Tablet, InputDeviceKind.Mouse,
        .. options.Touch ? [InputDeviceKind.Touch] : Array.Empty<InputDeviceKind>(),
    ];

    private MachineOptions Describe(BootRequest boot)
    {
        return new MachineOptions(boot, options.MemorySize, options.Cpus)
        {
            SerialOutput = options.SerialToTerminal ? StandardStreams.TryCopyOutput() : null,
            SerialInput = options.SerialToTerminal ? StandardStreams.TryCopyInput() : null,
        };
    }

    private List<(VhostUserArgument Argument, UnixSocket Socket)> ConnectBackEnds() =>
    [
        .. options.VhostUser.Select(argument => (argument, argument.Fd is { } fd
            ? UnixSocket.Adopt(Descriptor.FromInherited(fd))
            : UnixSocket.Connect(argument.Path!))),
    ];

    /// <returns>The devices whose back ends may be replaced.</returns>
    private List<VhostUserDevice> AddDevices(
        Hardware hardware, InputRouter input, List<(VhostUserArgument Argument, UnixSocket Socket)> backEnds)
    {
        var replaceable = new List<VhostUserDevice>();
        foreach ((VhostUserArgument argument, UnixSocket socket) in backEnds)
        {
            // The supervisor replaces what it started; who listens on a path is somebody else's.
            var description = new VhostUserDeviceOptions(argument.Type)
            {
                Recoverable = options.PlugFd is not null && argument.Fd is not null,
            };
            var device = VhostUserDevice.Open(description, socket, hardware.Memory, _loop);
            device.ConnectionLost += OnBackEndLost;
            device.Reconnected += OnBackEndServes;
            device.Refused += (_, refusal) => Log.BackEndRefused(logger, device.Type, refusal);
            if (device.SharedMemory is { } region)
            {
                device.Window = new SharedMemoryWindow(new KvmMemorySlot(hardware.Vm), region.Id, region.Size);
                var news = new RepairNews(_loop, s_repairInterval, repairs => OnWindowRepaired(device, repairs));
                _repairNews.Add(news);
                device.Window.Broken += news.Add;
                hardware.AddWindow(device.Window);
            }

            hardware.Pci.Add(device, device.Window?.Region);
            if (device.IsRecoverable)
            {
                replaceable.Add(device);
            }
        }

        if (options.InputFd is { } inputFd)
        {
            foreach (InputDevice device in input.Devices)
            {
                hardware.Pci.Add(device);
            }

            input.WireClosed += violation => Log.InputWireClosed(logger, violation?.ToString() ?? "display-process has gone");
            input.Attach(UnixSocket.Adopt(Descriptor.FromInherited(inputFd)));
        }

        return replaceable;
    }

    private AgentChannel? AddAgent(Hardware hardware)
    {
        if (options.AgentFd is not { } agentFd)
        {
            return null;
        }

        var agent = new AgentChannel(_loop, hardware.Memory);
        hardware.Pci.Add(agent.Device);
        agent.WireClosed += violation => Log.AgentWireClosed(logger, violation?.ToString() ?? "display-process has gone");
        agent.Attach(UnixSocket.Adopt(Descriptor.FromInherited(agentFd)));
        return agent;
    }

    private void OnBackEndLost(VhostUserDevice device, string reason)
    {
        if (device.IsRecoverable)
        {
            Log.BackEndAway(logger, device.Type, reason);
            _supervisor?.ReportBackEnd(device, reason);
            return;
        }

        Fail(ExitStatus.Failed, $"the process behind the {device.Type} device is lost: {reason}");
        _machine?.PowerOff();
    }

    private void OnBackEndServes(VhostUserDevice device)
    {
        Log.BackEndServes(logger, device.Type);
        _supervisor?.ReportBackEnd(device, lost: null);
    }

    private void OnWindowRepaired(VhostUserDevice device, ulong repairs)
    {
        if (_supervisor is { } supervisor)
        {
            // It tells the user.
            supervisor.ReportRepairs(device, repairs);
        }
        else
        {
            Log.WindowRepaired(logger, device.Type, repairs);
        }
    }

    private void OnStateChanged(MachineState state)
    {
        switch (state)
        {
            case MachineState.Rebooting:
                Log.Rebooting(logger);
                break;
            case MachineState.PoweredOff:
                _loop.Stop();
                break;
            case MachineState.Crashed when _machine?.Crash is { } crash:
                if (crash.Details.Length > 0)
                {
                    Log.CrashDetails(logger, crash.Details);
                }

                Fail(ExitStatus.Failed, crash.Summary);
                _loop.Stop();
                break;
        }
    }

    private void OnSupervisorEnd(EndReason reason)
    {
        if (reason == EndReason.SupervisorLost)
        {
            Fail(ExitStatus.Failed, "the supervisor has gone");
        }

        _machine?.PowerOff();
    }

    private void Fail(int status, string message)
    {
        _status = status;
        Log.Failure(logger, message);
        _supervisor?.Fail(message);
    }
}
