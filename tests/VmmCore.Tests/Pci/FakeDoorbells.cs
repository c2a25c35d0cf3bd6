using SplitVmm.Platform.Descriptors;
using SplitVmm.VmmCore.Bus;

namespace SplitVmm.VmmCore.Tests.Pci;

/// <summary>Stands for KVM's ioeventfds; misuse that KVM refuses throws.</summary>
internal sealed class FakeDoorbells : IDoorbells
{
    private readonly Dictionary<ulong, EventFd> _attached = [];

    public IReadOnlyDictionary<ulong, EventFd> Attached => _attached;

    public void Attach(ulong address, EventFd kick) => _attached.Add(address, kick);

    public void Detach(ulong address, EventFd kick)
    {
        if (!_attached.TryGetValue(address, out EventFd? found) || found != kick)
        {
            throw new InvalidOperationException("KVM_IOEVENTFD: ENOENT");
        }

        _attached.Remove(address);
    }

    /// <summary>A guest's write: true if an ioeventfd took it.</summary>
    public bool Ring(ulong address) => _attached.TryGetValue(address, out EventFd? kick) && kick.Signal();
}
