namespace SplitVmm.VmmCore.Pci;

/// <summary>
/// Gives BARs their addresses before the guest runs, as firmware would. Linux keeps such addresses if they lie
/// in the windows of the host bridge's <c>_CRS</c>, and moves them if it wants.
/// </summary>
internal sealed class WindowAllocator(AddressWindow window)
{
    private ulong _used;

    /// <param name="size">A power of two; the address is a multiple of it.</param>
    /// <returns>False if the window is full.</returns>
    public bool TryAllocate(ulong size, out ulong address)
    {
        ulong free = window.Start + _used;
        address = (free + size - 1) & ~(size - 1);
        if (address < free || !window.Contains(address, size))
        {
            address = 0;
            return false;
        }

        _used = address - window.Start + size;
        return true;
    }
}
