using System.Buffers.Binary;
using SplitVmm.VmmCore.Pci;

namespace SplitVmm.VmmCore.VirtioPci;

/// <summary>
/// VIRTIO_PCI_CAP_PCI_CFG (virtio 1.3 section 4.1.4.9): reaches into the BARs through configuration space, for
/// drivers that run before the BARs are mapped. An access that the driver describes wrongly does nothing.
/// </summary>
internal sealed class PciConfigAccess(ConfigRegisters registers, IReadOnlyList<Bar> bars, int capability)
{
    private const int DataSize = sizeof(uint);

    private readonly int _data = capability + VirtioPciCapabilities.Size;

    /// <summary>Before a guest's read of configuration space: fetches what it will find in <c>pci_cfg_data</c>.</summary>
    public void BeforeRead(int offset, int length)
    {
        if (Touches(offset, length) && TryDescribe(out Bar? bar, out ulong at, out int width))
        {
            Span<byte> bytes = stackalloc byte[DataSize];
            bar!.Region.Read(at, bytes[..width]);
            registers.Set(_data, bytes[..width]);
        }
    }

    /// <summary>After a guest's write to configuration space: carries out a write to <c>pci_cfg_data</c>.</summary>
    public void AfterWrite(int offset, int length)
    {
        if (Touches(offset, length) && TryDescribe(out Bar? bar, out ulong at, out int width))
        {
            Span<byte> bytes = stackalloc byte[DataSize];
            BinaryPrimitives.WriteUInt32LittleEndian(bytes, registers.ReadU32(_data));
            bar!.Region.Write(at, bytes[..width]);
        }
    }

    private bool Touches(int offset, int length) => offset < _data + DataSize && _data < offset + length;

    private bool TryDescribe(out Bar? bar, out ulong at, out int width)
    {
        int index = (int)(registers.ReadU32(capability + VirtioPciCapabilities.BarField) & 0xFF);
        uint length = registers.ReadU32(capability + VirtioPciCapabilities.LengthField);
        at = registers.ReadU32(capability + VirtioPciCapabilities.OffsetField);
        width = (int)length;
        bar = null;
        foreach (Bar candidate in bars)
        {
            bar = candidate.Index == index ? candidate : bar;
        }

        return bar is not null && length is 1 or 2 or 4 && at % length == 0 && at + length <= bar!.Size;
    }
}
