namespace SplitVmm.VmmCore.Bus;

/// <summary>An interrupt input of the IOAPIC that one device drives.</summary>
public interface IInterruptLine
{
    /// <summary>The level of the line. Callers keep their calls in order (they hold the device's lock).</summary>
    void SetLevel(bool high);
}
