using SplitVmm.VmmCore.Bus;

namespace SplitVmm.VmmCore.VirtioPci;

/// <summary>The ISR status (virtio 1.3 section 4.1.4.5): reading its first byte also clears it.</summary>
internal sealed class IsrRegion(VirtioTransport transport) : IMmioRegion
{
    public void Read(ulong offset, Span<byte> data)
    {
        data.Clear();
        if (offset == 0)
        {
            data[0] = transport.TakeIsr();
        }
    }

    public void Write(ulong offset, ReadOnlySpan<byte> data)
    {
    }
}
