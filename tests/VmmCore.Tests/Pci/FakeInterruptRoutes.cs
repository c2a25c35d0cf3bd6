using SplitVmm.Platform.Descriptors;
using SplitVmm.VmmCore.Bus;

namespace SplitVmm.VmmCore.Tests.Pci;

/// <summary>
/// Stands for KVM's interrupt routing: an attached eventfd that is signalled becomes a message, at the latest
/// when <see cref="TakeMessages"/> looks. Misuse that KVM refuses throws.
/// </summary>
internal sealed class FakeInterruptRoutes : IInterruptRoutes
{
    private readonly Dictionary<int, (ulong Address, uint Data)?> _routes = [];
    private readonly List<(int Gsi, EventFd Line)> _attached = [];
    private readonly List<(ulong Address, uint Data)> _messages = [];

    /// <summary>GSIs in use.</summary>
    public int Allocated => _routes.Count;

    public int AttachedCount => _attached.Count;

    public int AllocateGsi()
    {
        int gsi = 24 + _routes.Count;
        _routes.Add(gsi, null);
        return gsi;
    }

    public void SetMsi(int gsi, ulong address, uint data) => _routes[gsi] = (address, data);

    public void ClearMsi(int gsi) => _routes[gsi] = null;

    public void AttachIrqfd(int gsi, EventFd line)
    {
        if (_attached.Any(entry => entry.Line == line))
        {
            throw new InvalidOperationException("KVM_IRQFD: EBUSY");
        }

        _attached.Add((gsi, line));
    }

    public void DetachIrqfd(int gsi, EventFd line)
    {
        Collect();
        if (!_attached.Remove((gsi, line)))
        {
            throw new InvalidOperationException("KVM_IRQFD: no such irqfd");
        }
    }

    public bool IsAttached(EventFd line) => _attached.Any(entry => entry.Line == line);

    /// <summary>The messages since the last call.</summary>
    public (ulong Address, uint Data)[] TakeMessages()
    {
        Collect();
        (ulong, uint)[] taken = [.. _messages];
        _messages.Clear();
        return taken;
    }

    private void Collect()
    {
        foreach ((int gsi, EventFd line) in _attached)
        {
            if (line.TryDrain(out _) && _routes[gsi] is { } message)
            {
                _messages.Add(message);
            }
        }
    }
}
