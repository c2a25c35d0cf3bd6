namespace SplitVmm.VmmCore.Pci;

/// <summary>The kinds of memory BAR in use here. There are no I/O BARs.</summary>
public enum BarKind
{
    Memory32,

    /// <summary>Takes two BAR registers; for memory that may be cached and read ahead.</summary>
    Memory64Prefetchable,
}
