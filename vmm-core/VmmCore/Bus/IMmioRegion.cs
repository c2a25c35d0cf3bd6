namespace SplitVmm.VmmCore.Bus;

/// <summary>
/// A range of guest-physical memory or of I/O ports whose accesses leave KVM and are served here. vCPU threads
/// call concurrently; accesses are 1, 2, 4 or 8 bytes wide and never throw, whatever the guest does.
/// </summary>
public interface IMmioRegion
{
    /// <param name="offset">From the start of the region.</param>
    /// <param name="data">To be filled completely, little-endian; unknown registers read as the specification says.</param>
    void Read(ulong offset, Span<byte> data);

    /// <param name="offset">From the start of the region.</param>
    /// <param name="data">Little-endian.</param>
    void Write(ulong offset, ReadOnlySpan<byte> data);
}
