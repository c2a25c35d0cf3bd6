namespace SplitVmm.VmmCore.Bus;

/// <summary>Something with guest-visible state that a reboot of the virtual machine takes back to power-on.</summary>
public interface IResettable
{
    /// <summary>
    /// Back to the state after construction. Called on the machine's thread while every vCPU stands still and
    /// before RAM is cleared, so a device stops touching guest memory here.
    /// </summary>
    void Reset();
}
