namespace SplitVmm.VmmCore.Pci;

/// <summary>
/// Is told when a BAR starts and stops answering at an address, for what KVM itself serves there: doorbells
/// and, later, memory slots. Called with the configuration lock held.
/// </summary>
public interface IBarObserver
{
    /// <summary>The BAR answers at <paramref name="address"/> from now on.</summary>
    void BarPlaced(ulong address);

    /// <summary>The BAR is about to stop answering at <paramref name="address"/>.</summary>
    void BarRemoved(ulong address);
}
