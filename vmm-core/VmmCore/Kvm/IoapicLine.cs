using SplitVmm.VmmCore.Bus;

namespace SplitVmm.VmmCore.Kvm;

/// <summary>A line by KVM_IRQ_LINE.</summary>
public sealed class IoapicLine(KvmVm vm, int gsi) : IInterruptLine
{
    public void SetLevel(bool high) => vm.SetIrqLine(gsi, high);
}
