using SplitVmm.Platform.Descriptors;

namespace SplitVmm.VmmCore.Pci.Msix;

/// <summary>
/// An eventfd that a device signals to interrupt the guest: a vhost-user back end's call descriptor, or one
/// signalled in this process. <see cref="MsixTable"/> hands it to KVM while its vector may be delivered, and keeps
/// it back otherwise, so that the counter remembers what came meanwhile.
/// </summary>
public sealed class InterruptLine : IDisposable
{
    /// <summary>VIRTIO_MSI_NO_VECTOR: the line interrupts nobody.</summary>
    public const ushort NoVector = 0xFFFF;

    /// <summary>What the device signals.</summary>
    public EventFd Event { get; } = EventFd.Create();

    /// <summary>The vector the line is connected to, or <see cref="NoVector"/>.</summary>
    public ushort Vector { get; internal set; } = NoVector;

    /// <summary>Whether KVM listens to <see cref="Event"/>. Changed only under the lock of the table.</summary>
    internal bool Attached { get; set; }

    public void Dispose() => Event.Dispose();
}
