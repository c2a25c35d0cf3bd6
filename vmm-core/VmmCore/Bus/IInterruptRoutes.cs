using SplitVmm.Platform.Descriptors;

namespace SplitVmm.VmmCore.Bus;

/// <summary>What a device needs of the in-kernel interrupt controller: message-signalled interrupts by irqfd.</summary>
public interface IInterruptRoutes
{
    /// <summary>Reserves a GSI for one MSI-X vector, for as long as the machine is there; it routes nowhere until <see cref="SetMsi"/>.</summary>
    /// <exception cref="InvalidOperationException">KVM has no more of them.</exception>
    int AllocateGsi();

    /// <summary>Sets or changes where the GSI's message goes (KVM_SET_GSI_ROUTING).</summary>
    void SetMsi(int gsi, ulong address, uint data);

    /// <summary>The GSI stops delivering (a masked vector).</summary>
    void ClearMsi(int gsi);

    /// <summary>KVM injects the GSI's interrupt whenever <paramref name="line"/> is signalled (KVM_IRQFD).</summary>
    void AttachIrqfd(int gsi, EventFd line);

    void DetachIrqfd(int gsi, EventFd line);
}
