namespace SplitVmm.VmmCore.Pci;

/// <summary>
/// Builds the linked list of capabilities of a function (PCI Local Bus 3.0 section 6.7), in the order of the
/// calls, which is the order of preference for virtio structures.
/// </summary>
internal sealed class CapabilityList(ConfigRegisters registers)
{
    private const int HeaderSize = 2;

    private int _linkOfLast = PciRegisters.PCI_CAPABILITY_LIST;
    private int _free = PciRegisters.PCI_STD_HEADER_SIZEOF;

    /// <param name="id">Capability identifier.</param>
    /// <param name="body">The bytes after identifier and link.</param>
    /// <param name="writable">Which bits of the body the guest may change; empty for none.</param>
    /// <returns>Offset of the capability in the configuration space.</returns>
    /// <exception cref="InvalidOperationException">The first 256 bytes of the configuration space are full.</exception>
    public int Add(byte id, ReadOnlySpan<byte> body, ReadOnlySpan<byte> writable)
    {
        int at = _free;
        int end = at + HeaderSize + body.Length;
        if (end > PciRegisters.PCI_CFG_SPACE_SIZE)
        {
            throw new InvalidOperationException($"no room in the configuration space for a capability of {body.Length} bytes");
        }

        registers.Set(at, id);
        registers.Set(at + 1, (byte)0);
        registers.Set(at + HeaderSize, body);
        registers.SetWritable(at + HeaderSize, writable);
        registers.Set(_linkOfLast, (byte)at);
        ushort status = registers.ReadU16(PciRegisters.PCI_STATUS);
        registers.Set(PciRegisters.PCI_STATUS, (ushort)(status | PciRegisters.PCI_STATUS_CAP_LIST));

        _linkOfLast = at + 1;
        _free = (end + 3) & ~3;
        return at;
    }
}
