using SplitVmm.Platform.Events;
using SplitVmm.VmmCore.Acpi;
using SplitVmm.VmmCore.Boot;
using SplitVmm.VmmCore.Kvm;
using SplitVmm.VmmCore.Memory;

namespace SplitVmm.VmmCore.Machine;

/// <summary>
/// A virtual machine and its life. One thread, the one that runs <see cref="Loop"/>, owns every change of state:
/// vCPUs and other threads only post wishes to it.
/// </summary>
public sealed class Machine : IMachineControl, IDisposable
{
    private readonly VcpuSet _vcpus;
    private readonly BootLoader _loader;

    /// <summary>Builds the machine up to, but without, its first instruction.</summary>
    /// <exception cref="BootException">The kernel or its command line does not fit.</exception>
    /// <exception cref="HostUnfitException">KVM cannot build it.</exception>
    public Machine(KvmSystem system, MachineOptions options, EventLoop loop)
    {
        Loop = loop;
        Options = options;
        int bits = GuestCpuid.PhysicalAddressBits(system.GetSupportedCpuid());
        if (!AddressMap.TryCreate(options.MemorySize, bits, out AddressMap? map))
        {
            throw new HostUnfitException(
                $"{BootFile.Describe(options.MemorySize)} of RAM do not fit into the {bits} address bits of this host's processor: use a smaller --memory");
        }

        _loader = new BootLoader(options.Boot, map, AcpiTables.Build(map, options.Vcpus, BootLoader.AcpiStart));
        KvmVm vm = system.CreateVm();
        Hardware = new Hardware(vm, map, options, this);
        _vcpus = new VcpuSet(system, vm, Hardware, options.Vcpus, this);
        _vcpus.Reset(_loader.Load(Hardware.Ram));
    }

    /// <summary>Runs on the loop's thread after each change of state.</summary>
    public event Action<MachineState>? StateChanged;

    /// <summary>
    /// Runs on the loop's thread before the reset that a triple fault is answered with. The argument is the vCPU's number.
    /// </summary>
    public event Action<int>? TripleFaulted;

    public EventLoop Loop { get; }

    public MachineOptions Options { get; }

    public Hardware Hardware { get; }

    public MachineState State { get; private set; } = MachineState.Ready;

    /// <summary>Set in state <see cref="MachineState.Crashed"/>.</summary>
    public CrashReport? Crash { get; private set; }

    private bool IsOver => State is MachineState.PoweredOff or MachineState.Crashed;

    // The methods from here on are for the loop's thread.

    /// <summary>Runs the first guest instruction. False if it ran already.</summary>
    public bool Start()
    {
        if (State != MachineState.Ready)
        {
            return false;
        }

        _vcpus.Run();
        Enter(MachineState.Running);
        return true;
    }

    /// <summary>Stops all vCPUs between two instructions. False unless the machine runs.</summary>
    public bool Pause()
    {
        if (State != MachineState.Running)
        {
            return false;
        }

        _vcpus.Stop();
        Enter(MachineState.Paused);
        return true;
    }

    /// <summary>Goes on after <see cref="Pause"/>. False unless the machine is paused.</summary>
    public bool Resume()
    {
        if (State != MachineState.Paused)
        {
            return false;
        }

        _vcpus.NotifyPaused();
        _vcpus.Run();
        Enter(MachineState.Running);
        return true;
    }

    /// <summary>Asks the guest to shut itself down, as a press of a PC's power button does. False unless it runs.</summary>
    public bool PressPowerButton()
    {
        if (State != MachineState.Running)
        {
            return false;
        }

        Hardware.PressPowerButton();
        return true;
    }

    /// <summary>Back to power-on and through the boot again. False before the start and after the end.</summary>
    public bool Reset()
    {
        if (IsOver || State == MachineState.Ready)
        {
            return false;
        }

        _vcpus.Stop();
        Enter(MachineState.Rebooting);
        try
        {
            Hardware.Reset();
            _vcpus.Reset(_loader.Load(Hardware.Ram));
        }
        catch (Exception error) when (error is BootException or IOException)
        {
            End(MachineState.Crashed, new CrashReport($"the guest cannot be started again: {error.Message}"));
            return true;
        }

        _vcpus.Run();
        Enter(MachineState.Running);
        return true;
    }

    /// <summary>Switches the machine off at once.</summary>
    public void PowerOff() => End(MachineState.PoweredOff, null);

    public void Dispose()
    {
        _vcpus.Dispose();
        Hardware.Dispose();
    }

    void IMachineControl.RequestReset() => Request(() => Reset());

    void IMachineControl.RequestPowerOff() => Request(PowerOff);

    void IMachineControl.ReportCrash(CrashReport report) => Request(() => End(MachineState.Crashed, report));

    void IMachineControl.ReportTripleFault(KvmVcpu vcpu)
    {
        // A guest that never reached a device would fault again after each reset, for ever.
        CrashReport? report = _vcpus.DeviceAccesses > 0
            ? null
            : new CrashReport($"vCPU {vcpu.Id} met a triple fault before the guest used any device", VcpuReport.Describe(vcpu));
        Request(() =>
        {
            if (report is null)
            {
                TripleFaulted?.Invoke(vcpu.Id);
                Reset();
            }
            else
            {
                End(MachineState.Crashed, report);
            }
        });
    }

    // The vCPUs stop at once, as after a write to a reset port of a PC, the rest happens on the loop's thread.
    private void Request(Action action)
    {
        _vcpus.BeginStop();
        Loop.Post(action);
    }

    private void End(MachineState state, CrashReport? report)
    {
        if (!IsOver)
        {
            _vcpus.Stop();
            Crash = report;
            Enter(state);
        }
    }

    private void Enter(MachineState state)
    {
        State = state;
        StateChanged?.Invoke(state);
    }
}
