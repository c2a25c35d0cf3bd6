namespace SplitVmm.VmmCore.Pci;

/// <summary>A range of guest-physical addresses that the host bridge forwards to the devices.</summary>
/// <param name="Start">First byte.</param>
/// <param name="Length">Bytes; <c>Start + Length</c> does not wrap.</param>
public readonly record struct AddressWindow(ulong Start, ulong Length)
{
    public bool Contains(ulong address, ulong length) =>
        address >= Start && length <= Length && address - Start <= Length - length;
}
