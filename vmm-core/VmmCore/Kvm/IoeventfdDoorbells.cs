using SplitVmm.Platform.Descriptors;
using SplitVmm.VmmCore.Bus;
using SplitVmm.VmmCore.Kvm.Layouts;

namespace SplitVmm.VmmCore.Kvm;

/// <summary>Doorbells by KVM_IOEVENTFD. A length of 0 means a write of any width, which KVM matches fastest.</summary>
public sealed unsafe class IoeventfdDoorbells(KvmVm vm) : IDoorbells
{
    public void Attach(ulong address, EventFd kick) => Change(address, kick, 0);

    public void Detach(ulong address, EventFd kick) => Change(address, kick, KvmIoeventfd.KVM_IOEVENTFD_FLAG_DEASSIGN);

    private void Change(ulong address, EventFd kick, uint flags)
    {
        var request = new KvmIoeventfd { Address = address, Fd = kick.Number, Flags = flags };
        vm.Call(KvmIoctl.KVM_IOEVENTFD, &request, "ioctl(KVM_IOEVENTFD)");
        GC.KeepAlive(kick);
    }
}
