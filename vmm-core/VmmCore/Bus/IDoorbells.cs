using SplitVmm.Platform.Descriptors;

namespace SplitVmm.VmmCore.Bus;

/// <summary>Guest writes that KVM turns into an eventfd signal without waking this process (KVM_IOEVENTFD).</summary>
public interface IDoorbells
{
    /// <summary>Any write, of any width and value, to <paramref name="address"/> signals <paramref name="kick"/>.</summary>
    void Attach(ulong address, EventFd kick);

    void Detach(ulong address, EventFd kick);
}
