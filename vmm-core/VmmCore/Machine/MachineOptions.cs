using SplitVmm.Platform.Descriptors;
using SplitVmm.VmmCore.Boot;

namespace SplitVmm.VmmCore.Machine;

/// <summary>How to build a machine.</summary>
/// <param name="Boot">What to boot.</param>
/// <param name="MemorySize">Bytes of RAM, a multiple of the page size.</param>
/// <param name="Vcpus">Number of vCPUs, at least 1.</param>
public sealed record MachineOptions(BootRequest Boot, ulong MemorySize, int Vcpus)
{
    /// <summary>Where the serial port sends to; null for nowhere. The machine takes ownership.</summary>
    public Descriptor? SerialOutput { get; init; }

    /// <summary>Where the serial port receives from; null for nowhere. The machine takes ownership.</summary>
    public Descriptor? SerialInput { get; init; }
}
