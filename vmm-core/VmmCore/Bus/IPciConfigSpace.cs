namespace SplitVmm.VmmCore.Bus;

/// <summary>
/// The configuration space of PCI segment 0, as the type-1 mechanism (I/O ports 0xCF8 and 0xCFC, PCI Local Bus 3.0
/// section 3.2.2.3.2) reaches it. vCPU threads call concurrently.
/// </summary>
public interface IPciConfigSpace
{
    /// <param name="bus">0 to 255.</param>
    /// <param name="deviceFunction">Device number in bits 3 to 7, function in bits 0 to 2.</param>
    /// <param name="offset">Byte offset into the function's configuration space.</param>
    /// <param name="data">1, 2 or 4 bytes, to be filled; all ones where no function answers.</param>
    void ReadConfig(byte bus, byte deviceFunction, int offset, Span<byte> data);

    /// <param name="bus">0 to 255.</param>
    /// <param name="deviceFunction">Device number in bits 3 to 7, function in bits 0 to 2.</param>
    /// <param name="offset">Byte offset into the function's configuration space.</param>
    /// <param name="data">1, 2 or 4 bytes; dropped where no function answers.</param>
    void WriteConfig(byte bus, byte deviceFunction, int offset, ReadOnlySpan<byte> data);
}
