using System.Buffers.Binary;

namespace SplitVmm.VmmCore.Pci.Msix;

/// <summary>
/// The MSI-X capability in configuration space (PCI Local Bus 3.0 section 6.8.2.1 to 6.8.2.5): the table's size
/// and place, and the message control register that switches it.
/// </summary>
internal sealed class MsixCapability
{
    /// <summary>Where the pending bits start in the BAR; the table lies before them.</summary>
    public const int PendingBitsOffset = 0x8000;

    /// <summary>Bytes of a BAR that holds the table and the pending bits of any number of vectors.</summary>
    public const int BarSize = 0x1_0000;

    private readonly ConfigRegisters _registers;
    private readonly MsixTable _table;
    private readonly int _control;

    /// <param name="bar">Index of the BAR that holds the table at 0 and the bits at <see cref="PendingBitsOffset"/>.</param>
    public MsixCapability(ConfigRegisters registers, CapabilityList capabilities, MsixTable table, int bar)
    {
        _registers = registers;
        _table = table;

        Span<byte> body = stackalloc byte[10];
        BinaryPrimitives.WriteUInt16LittleEndian(body, (ushort)(table.Count - 1));
        BinaryPrimitives.WriteUInt32LittleEndian(body[2..], (uint)bar);
        BinaryPrimitives.WriteUInt32LittleEndian(body[6..], PendingBitsOffset | (uint)bar);
        const ushort Writable = MsixRegisters.PCI_MSIX_FLAGS_ENABLE | MsixRegisters.PCI_MSIX_FLAGS_MASKALL;
        Span<byte> mask = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16LittleEndian(mask, Writable);
        _control = capabilities.Add(PciRegisters.PCI_CAP_ID_MSIX, body, mask) + MsixRegisters.PCI_MSIX_FLAGS;
    }

    /// <summary>Looks at the control register after a guest's write to <paramref name="offset"/>.</summary>
    public void AfterWrite(int offset, int length)
    {
        if (offset < _control + sizeof(ushort) && _control < offset + length)
        {
            ushort control = _registers.ReadU16(_control);
            _table.SetControl(
                enabled: (control & MsixRegisters.PCI_MSIX_FLAGS_ENABLE) != 0,
                functionMasked: (control & MsixRegisters.PCI_MSIX_FLAGS_MASKALL) != 0);
        }
    }
}
