using SplitVmm.VmmCore.SharedMemory;

namespace SplitVmm.VmmCore.Kvm;

/// <summary>A memory slot of KVM.</summary>
internal sealed unsafe class KvmMemorySlot(KvmVm vm) : IMemorySlot
{
    private readonly uint _slot = vm.AllocateSlot();

    public void Place(ulong guestAddress, ulong size, byte* host) => vm.PlaceMemory(_slot, guestAddress, size, host);

    public void Remove() => vm.RemoveMemory(_slot);
}
