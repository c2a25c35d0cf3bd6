using SplitVmm.VmmCore.Bus;

namespace SplitVmm.VmmCore.VirtioPci;

/// <summary>
/// The doorbells of a device's queues. KVM watches them while the device is active and its BAR has an address.
/// Used under the lock of the transport.
/// </summary>
internal sealed class DoorbellSet(IDoorbells doorbells, VirtioQueue[] queues)
{
    private readonly List<(ulong Address, VirtioQueue Queue)> _attached = [];
    private ulong? _base;
    private bool _active;

    public void Activate()
    {
        _active = true;
        Attach();
    }

    public void Deactivate()
    {
        Detach();
        _active = false;
    }

    /// <param name="address">Guest-physical address of the notification structure.</param>
    public void Place(ulong address)
    {
        _base = address;
        Attach();
    }

    public void Remove()
    {
        Detach();
        _base = null;
    }

    private void Attach()
    {
        if (!_active || _base is not { } start)
        {
            return;
        }

        foreach (VirtioQueue queue in queues)
        {
            if (queue.Enabled)
            {
                ulong address = start + ((ulong)queue.Index * VirtioPciLayout.NotifyMultiplier);
                doorbells.Attach(address, queue.Kick);
                _attached.Add((address, queue));
            }
        }
    }

    private void Detach()
    {
        foreach ((ulong address, VirtioQueue queue) in _attached)
        {
            doorbells.Detach(address, queue.Kick);
        }

        _attached.Clear();
    }
}
