using SplitVmm.VmmCore.Kvm;

namespace SplitVmm.VmmCore.Machine;

/// <summary>
/// What a device or a vCPU may ask of the machine as a whole. Callable from any thread; returns at once. After a
/// reset or power-off no vCPU runs guest code any more once its current exit is handled.
/// </summary>
public interface IMachineControl
{
    /// <summary>The guest wants a reboot.</summary>
    void RequestReset();

    /// <summary>The guest wants to be switched off.</summary>
    void RequestPowerOff();

    /// <summary>A vCPU faulted while delivering a double fault, which resets a PC.</summary>
    void ReportTripleFault(KvmVcpu vcpu);

    /// <summary>Nothing sensible can go on. <paramref name="report"/> is for the user.</summary>
    void ReportCrash(CrashReport report);
}
