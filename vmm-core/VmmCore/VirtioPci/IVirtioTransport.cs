namespace SplitVmm.VmmCore.VirtioPci;

/// <summary>What a device tells its transport. Callable from any thread; takes no lock and never waits.</summary>
public interface IVirtioTransport
{
    /// <summary>The device-specific configuration has changed: a new generation, and an interrupt if active.</summary>
    void ConfigChanged();

    /// <summary>The device cannot go on until the driver resets it: DEVICE_NEEDS_RESET (virtio 1.3 section 2.1.2).</summary>
    void NeedsReset();
}
