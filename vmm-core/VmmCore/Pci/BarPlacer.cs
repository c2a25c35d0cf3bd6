using SplitVmm.VmmCore.Bus;

namespace SplitVmm.VmmCore.Pci;

/// <summary>
/// Puts BARs on the memory bus where the guest wants them, as far as the host bridge forwards addresses: a BAR
/// that the guest points outside the two windows (at RAM, the interrupt controllers, the configuration space)
/// answers nowhere. So does one that overlaps another BAR, until the other moves away.
/// </summary>
internal sealed class BarPlacer(AddressBus memory, AddressWindow window32, AddressWindow window64)
{
    private readonly List<Bar> _waiting = [];

    /// <param name="bar">The BAR whose register or decoding changed.</param>
    /// <param name="wanted">Where it should answer; null for nowhere.</param>
    public void Place(Bar bar, ulong? wanted)
    {
        if (wanted is not null && bar.Placed == wanted)
        {
            return;
        }

        _ = _waiting.Remove(bar);
        if (bar.Placed is { } old)
        {
            bar.Observer?.BarRemoved(old);
            _ = memory.Remove(old);
            bar.Placed = null;
        }

        if (wanted is not null)
        {
            _waiting.Add(bar);
        }

        // The address that this BAR left may be what another waits for.
        for (int i = _waiting.Count - 1; i >= 0; i--)
        {
            if (TryPlace(_waiting[i]))
            {
                _waiting.RemoveAt(i);
            }
        }
    }

    private bool TryPlace(Bar bar)
    {
        ulong address = bar.Address;
        bool forwarded = window32.Contains(address, bar.Size) || window64.Contains(address, bar.Size);
        if (!forwarded || !memory.TryAdd(address, bar.Size, bar.Region))
        {
            return false;
        }

        bar.Placed = address;
        bar.Observer?.BarPlaced(address);
        return true;
    }
}
