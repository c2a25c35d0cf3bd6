using SplitVmm.VmmCore.Bus;

namespace SplitVmm.VmmCore.Pci;

/// <summary>
/// One base address register (PCI Local Bus 3.0 section 6.2.5.1). Its size lies in the write mask: the guest
/// writes all ones and reads back which address bits stuck.
/// </summary>
public sealed class Bar
{
    private const uint FlagBits = 0xF;

    private readonly ConfigRegisters _registers;
    private readonly int _offset;

    /// <param name="registers">Configuration space of the function.</param>
    /// <param name="index">0 to 5; a 64-bit BAR also takes the next.</param>
    /// <param name="size">Bytes, a power of two, at least 16.</param>
    internal Bar(ConfigRegisters registers, int index, BarKind kind, ulong size, IMmioRegion region, IBarObserver? observer)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, FlagBits + 1);
        if (!ulong.IsPow2(size) || (kind == BarKind.Memory32 && size > 0x8000_0000))
        {
            throw new ArgumentOutOfRangeException(nameof(size), size, "not a size of a BAR of this kind");
        }

        _registers = registers;
        _offset = PciRegisters.PCI_BASE_ADDRESS_0 + (index * sizeof(uint));
        Index = index;
        Kind = kind;
        Size = size;
        Region = region;
        Observer = observer;

        ulong mask = ~(size - 1);
        registers.SetWritable(_offset, (uint)mask & ~FlagBits);
        if (kind == BarKind.Memory64Prefetchable)
        {
            registers.Set(_offset, PciRegisters.PCI_BASE_ADDRESS_MEM_TYPE_64 | PciRegisters.PCI_BASE_ADDRESS_MEM_PREFETCH);
            registers.SetWritable(_offset + sizeof(uint), (uint)(mask >> 32));
        }
    }

    public int Index { get; }

    public BarKind Kind { get; }

    /// <summary>Bytes.</summary>
    public ulong Size { get; }

    /// <summary>Where the guest's memory accesses go.</summary>
    internal IMmioRegion Region { get; }

    internal IBarObserver? Observer { get; }

    /// <summary>Where the BAR answers now; null while it does not. Only <see cref="BarPlacer"/> changes it.</summary>
    internal ulong? Placed { get; set; }

    /// <summary>The address in the register, whether or not decoding is enabled.</summary>
    public ulong Address
    {
        get
        {
            ulong low = _registers.ReadU32(_offset) & ~FlagBits;
            return Kind == BarKind.Memory32 ? low : low | ((ulong)_registers.ReadU32(_offset + sizeof(uint)) << 32);
        }

        internal set
        {
            uint flags = _registers.ReadU32(_offset) & FlagBits;
            _registers.Set(_offset, (uint)value | flags);
            if (Kind == BarKind.Memory64Prefetchable)
            {
                _registers.Set(_offset + sizeof(uint), (uint)(value >> 32));
            }
        }
    }
}
