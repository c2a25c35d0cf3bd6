using SplitVmm.VmmCore.Bus;

namespace SplitVmm.VmmCore.VirtioPci;

/// <summary>
/// The doorbells (virtio 1.3 section 4.1.4.4). KVM serves those of an active device itself; here arrives what it
/// did not: kicks through <see cref="PciConfigAccess"/>, and those that come too early.
/// </summary>
internal sealed class NotifyRegion(VirtioTransport transport) : IMmioRegion
{
    public void Read(ulong offset, Span<byte> data) => data.Clear();

    public void Write(ulong offset, ReadOnlySpan<byte> data)
    {
        lock (transport.Gate)
        {
            transport.Kick((int)(offset / VirtioPciLayout.NotifyMultiplier));
        }
    }
}
