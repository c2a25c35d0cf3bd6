using SplitVmm.Platform.Descriptors;
using SplitVmm.Virtio.Queues;
using SplitVmm.VmmCore.Pci.Msix;

namespace SplitVmm.VmmCore.VirtioPci;

/// <summary>
/// The registers of one queue in the common configuration, and its two eventfds. The driver may change the
/// registers only until it enables the queue.
/// </summary>
internal sealed class VirtioQueue(int index, ushort maximumSize) : IDisposable
{
    private SplitQueueLayout _layout = new(maximumSize, 0, 0, 0);

    public int Index { get; } = index;

    /// <summary>Signalled by KVM when the guest writes to the queue's doorbell.</summary>
    public EventFd Kick { get; } = EventFd.Create();

    /// <summary>Signalled by the device to interrupt the guest.</summary>
    public InterruptLine Call { get; } = new();

    public bool Enabled { get; private set; }

    public SplitQueueLayout Layout
    {
        get => _layout;
        set => _layout = Enabled ? _layout : value;
    }

    /// <summary>
    /// A size that is not a power of two, or too large, is not taken: the driver reads back the old one (virtio
    /// 1.3 section 4.1.4.3.1: the device presents 0 or a power of 2).
    /// </summary>
    public void SetSize(ushort size)
    {
        if (ushort.IsPow2(size) && size <= maximumSize)
        {
            Layout = _layout with { Size = size };
        }
    }

    public void Enable() => Enabled = true;

    public ActiveQueue Activate() => new(Index, _layout, Kick, Call.Event);

    /// <summary>Registers back to their reset values; signals of the past are forgotten.</summary>
    public void Reset()
    {
        Enabled = false;
        _layout = new SplitQueueLayout(maximumSize, 0, 0, 0);
        _ = Kick.TryDrain(out _);
        _ = Call.Event.TryDrain(out _);
    }

    public void Dispose()
    {
        Kick.Dispose();
        Call.Dispose();
    }
}
